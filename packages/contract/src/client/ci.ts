import type { ListOf, LogChunk } from '../common.ts';
import { type LogPosition, logRequest } from './apps.ts';
import { type Send, segment } from './transport.ts';

/** What the client promises to know of the CI's answers; more fields may come. */
export interface RepositoryView {
  readonly uuid: string;
  readonly slug: string;
  readonly active: boolean;
  readonly [field: string]: unknown;
}

export interface RepositoryKeyView {
  readonly pem: string;
  readonly fingerprint: string;
}

export interface JobView {
  readonly id: number;
  readonly number: string;
  readonly state: string;
  readonly [field: string]: unknown;
}

export interface BuildView {
  readonly id: number;
  readonly number: number;
  readonly state: string;
  readonly sha: string;
  readonly [field: string]: unknown;
}

export interface BuildDetailView extends BuildView {
  readonly jobs: readonly JobView[];
}

export interface BuildFilter {
  readonly application?: string;
  readonly repository?: string;
  readonly sha?: string;
  readonly number?: number;
  readonly pageSize?: number;
}

export function createCiClient(send: Send) {
  const repositories = {
    list: (filter: { slug?: string } = {}) =>
      send<ListOf<RepositoryView>>('GET', '/ci/v3/repositories/', { query: { ...filter } }),
    get: (uuid: string) => send<RepositoryView>('GET', `/ci/v3/repositories/${segment(uuid)}/`),
    /** `active` is the switch that turns CI on; the rest are the repository's settings. */
    update: (uuid: string, body: Readonly<Record<string, unknown>>) =>
      send<RepositoryView>('PATCH', `/ci/v3/repositories/${segment(uuid)}/`, { body }),
    key: (uuid: string) =>
      send<RepositoryKeyView>('GET', `/ci/v3/repositories/${segment(uuid)}/key/`),
  };

  const builds = {
    list: (filter: BuildFilter) =>
      send<ListOf<BuildView>>('GET', '/ci/v3/builds/', {
        query: {
          application: filter.application,
          repository: filter.repository,
          sha: filter.sha,
          number: filter.number,
          page_size: filter.pageSize,
        },
      }),
    get: (id: number) => send<BuildDetailView>('GET', `/ci/v3/builds/${segment(id)}/`),
    cancel: (id: number) => send<BuildView>('POST', `/ci/v3/builds/${segment(id)}/cancel/`),
    restart: (id: number) => send<BuildView>('POST', `/ci/v3/builds/${segment(id)}/restart/`),
  };

  const jobs = {
    get: (id: number) => send<JobView>('GET', `/ci/v3/jobs/${segment(id)}/`),
    cancel: (id: number) => send<JobView>('POST', `/ci/v3/jobs/${segment(id)}/cancel/`),
    log: (id: number, position: LogPosition) =>
      send<LogChunk>('GET', `/ci/v3/jobs/${segment(id)}/log/`, logRequest(position)),
  };

  return { repositories, builds, jobs };
}
