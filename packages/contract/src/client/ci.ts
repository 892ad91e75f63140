import type {
  ArtifactList,
  Build,
  BuildDetail,
  BuildSource,
  CiRepository,
  CiRepositoryKey,
  CiRepositoryPatch,
  Job,
  JobLogChunk,
} from '../ci.ts';
import type { ListOf } from '../common.ts';
import { type LogPosition, logRequest } from './apps.ts';
import { type Open, type Send, segment } from './transport.ts';

export interface BuildFilter {
  readonly application?: string;
  readonly repository?: string;
  readonly sha?: string;
  readonly number?: number;
  readonly branch?: string;
  readonly state?: string;
  /** From 1. */
  readonly page?: number;
  readonly pageSize?: number;
}

export function createCiClient(send: Send, open: Open) {
  const repositories = {
    list: (filter: { slug?: string } = {}) =>
      send<ListOf<CiRepository>>('GET', '/ci/v3/repositories/', { query: { ...filter } }),
    get: (uuid: string) => send<CiRepository>('GET', `/ci/v3/repositories/${segment(uuid)}/`),
    /** `active` is the switch that turns CI on; the rest are the repository's settings. */
    update: (uuid: string, body: CiRepositoryPatch) =>
      send<CiRepository>('PATCH', `/ci/v3/repositories/${segment(uuid)}/`, { body }),
    key: (uuid: string) =>
      send<CiRepositoryKey>('GET', `/ci/v3/repositories/${segment(uuid)}/key/`),
  };

  const builds = {
    list: (filter: BuildFilter) =>
      send<ListOf<Build>>('GET', '/ci/v3/builds/', {
        query: {
          application: filter.application,
          repository: filter.repository,
          sha: filter.sha,
          number: filter.number,
          branch: filter.branch,
          state: filter.state,
          page: filter.page,
          page_size: filter.pageSize,
        },
      }),
    get: (id: number) => send<BuildDetail>('GET', `/ci/v3/builds/${segment(id)}/`),
    source: (id: number) => send<BuildSource>('GET', `/ci/v3/builds/${segment(id)}/source/`),
    cancel: (id: number) => send<BuildDetail>('POST', `/ci/v3/builds/${segment(id)}/cancel/`),
    restart: (id: number) => send<BuildDetail>('POST', `/ci/v3/builds/${segment(id)}/restart/`),
  };

  const jobs = {
    get: (id: number) => send<Job>('GET', `/ci/v3/jobs/${segment(id)}/`),
    cancel: (id: number) => send<Job>('POST', `/ci/v3/jobs/${segment(id)}/cancel/`),
    restart: (id: number) => send<Job>('POST', `/ci/v3/jobs/${segment(id)}/restart/`),
    log: (id: number, position: LogPosition) =>
      send<JobLogChunk>('GET', `/ci/v3/jobs/${segment(id)}/log/`, logRequest(position)),
  };

  const artifacts = {
    /** Of the newest attempt, or another. */
    list: (job: number, attempt?: number) =>
      send<ArtifactList>('GET', `/ci/v3/jobs/${segment(job)}/artifacts/`, { query: { attempt } }),
    /** Its body is the file; nobody has compared it with the checksum yet. */
    download: (job: number, id: number, signal?: AbortSignal) =>
      open(`/ci/v3/jobs/${segment(job)}/artifacts/${segment(id)}/`, signal),
    remove: (job: number) => send<null>('DELETE', `/ci/v3/jobs/${segment(job)}/artifacts/`),
  };

  return { repositories, builds, jobs, artifacts };
}
