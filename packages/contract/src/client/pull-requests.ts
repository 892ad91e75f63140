import type { ListOf } from '../common.ts';
import type {
  CommitStatusTarget,
  CommitStatusTargetSet,
  PreviewVariableSet,
  PreviewVariables,
  PullRequest,
  PullRequestComment,
  PullRequestCreate,
  PullRequestDiff,
  PullRequestMerge,
  PullRequestPatch,
  PullRequestSettings,
  PullWhy,
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
  const ofApplication = (uuid: string, rest: string) =>
    `/apps/v3/applications/${segment(uuid)}/${rest}`;
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
    testAgain: (uuid: string) => send<PullRequest>('POST', `${path(uuid)}test/`),
    approve: (uuid: string) => send<PullRequest>('POST', `${path(uuid)}approve/`),
    why: (uuid: string) => send<PullWhy>('GET', `${path(uuid)}why/`),
    diff: (uuid: string) => send<PullRequestDiff>('GET', `${path(uuid)}diff/`),
    comments: (uuid: string) =>
      send<{ comments: PullRequestComment[] }>('GET', `${path(uuid)}comments/`),
    comment: (uuid: string, body: string) =>
      send<PullRequestComment>('POST', `${path(uuid)}comments/`, { body: { body } }),
    settings: (application: string) =>
      send<PullRequestSettings>('GET', ofApplication(application, 'pull-request-settings/')),
    changeSettings: (application: string, body: Partial<PullRequestSettings>) =>
      send<PullRequestSettings>('PATCH', ofApplication(application, 'pull-request-settings/'), {
        body,
      }),
  };
  const variable = (application: string, name: string) =>
    ofApplication(application, `preview-variables/${segment(name)}/`);
  /** Variables that all previews of an application get; each answer has all of them. */
  const previewVariables = {
    list: (application: string) =>
      send<PreviewVariables>('GET', ofApplication(application, 'preview-variables/')),
    set: (application: string, name: string, body: PreviewVariableSet) =>
      send<PreviewVariables>('PUT', variable(application, name), { body }),
    remove: (application: string, name: string) =>
      send<PreviewVariables>('DELETE', variable(application, name)),
  };
  const statusPath = (application: string) => ofApplication(application, 'commit-status-target/');
  /** Where an application's commit statuses go; null: nowhere. */
  const commitStatuses = {
    get: (application: string) =>
      send<{ target: CommitStatusTarget | null }>('GET', statusPath(application)),
    set: (application: string, body: CommitStatusTargetSet) =>
      send<{ target: CommitStatusTarget | null }>('PUT', statusPath(application), { body }),
    remove: (application: string) =>
      send<{ target: CommitStatusTarget | null }>('DELETE', statusPath(application)),
  };
  return { pullRequests, previewVariables, commitStatuses };
}
