import type { ListOf } from '../common.ts';
import type {
  PullRequest,
  PullRequestComment,
  PullRequestCreate,
  PullRequestDiff,
  PullRequestMerge,
  PullRequestPatch,
  PullRequestSettings,
} from '../pull-requests.ts';
import { type Send, segment } from './transport.ts';

export interface PullRequestFilter {
  readonly application?: string;
  readonly state?: string;
  readonly number?: number;
  readonly pageSize?: number;
}

export function createPullRequestsClient(send: Send) {
  const path = (uuid: string) => `/apps/v3/pull-requests/${segment(uuid)}/`;
  const pullRequests = {
    list: ({ pageSize, ...filter }: PullRequestFilter = {}) =>
      send<ListOf<PullRequest>>('GET', '/apps/v3/pull-requests/', {
        query: { ...filter, page_size: pageSize },
      }),
    get: (uuid: string) => send<PullRequest>('GET', path(uuid)),
    create: (body: PullRequestCreate) =>
      send<PullRequest>('POST', '/apps/v3/pull-requests/', { body }),
    update: (uuid: string, body: PullRequestPatch) =>
      send<PullRequest>('PATCH', path(uuid), { body }),
    merge: (uuid: string, body: PullRequestMerge) =>
      send<PullRequest>('POST', `${path(uuid)}merge/`, { body }),
    approve: (uuid: string) => send<PullRequest>('POST', `${path(uuid)}approve/`),
    diff: (uuid: string) => send<PullRequestDiff>('GET', `${path(uuid)}diff/`),
    comments: (uuid: string) =>
      send<{ comments: PullRequestComment[] }>('GET', `${path(uuid)}comments/`),
    comment: (uuid: string, body: string) =>
      send<PullRequestComment>('POST', `${path(uuid)}comments/`, { body: { body } }),
    settings: (application: string) =>
      send<PullRequestSettings>(
        'GET',
        `/apps/v3/applications/${segment(application)}/pull-request-settings/`,
      ),
    changeSettings: (application: string, body: Partial<PullRequestSettings>) =>
      send<PullRequestSettings>(
        'PATCH',
        `/apps/v3/applications/${segment(application)}/pull-request-settings/`,
        { body },
      ),
  };
  return { pullRequests };
}
