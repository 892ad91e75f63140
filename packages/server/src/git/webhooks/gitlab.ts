import {
  at,
  headerText,
  ignored,
  needNumber,
  needSha,
  needText,
  shaAt,
  textAt,
  timeAt,
  told,
} from './read.ts';
import { verifyToken } from './signature.ts';
import type { Dialect, PullRequestEvent } from './types.ts';

const ACTIONS: Readonly<Record<string, PullRequestEvent['action']>> = {
  open: 'opened',
  reopen: 'reopened',
  update: 'updated',
  close: 'closed',
  merge: 'merged',
};

/** Of an update without new commits, only these matter. */
const CHANGES = ['title', 'target_branch', 'draft', 'work_in_progress'] as const;

/** https://docs.gitlab.com/user/project/integrations/webhook_events/ */
export const gitlab: Dialect = {
  provider: 'gitlab',
  signatureHeader: 'X-Gitlab-Token',
  // Moving a branch forth, back and forth again makes the same body twice.
  bodiesDiffer: false,
  event: (headers) => headerText(headers, 'x-gitlab-event') ?? '',
  deliveryId: (headers) =>
    headerText(headers, 'idempotency-key') ?? headerText(headers, 'x-gitlab-event-uuid'),
  verify: (headers, _body, secret) => verifyToken(headerText(headers, 'x-gitlab-token'), secret),
  parse: (event, body) => {
    const repository = textAt(body, 'project', 'path_with_namespace');
    const kind = textAt(body, 'object_kind') ?? event;
    if (kind === 'push' || kind === 'tag_push') {
      const push = { ref: needText(body, 'ref'), after: shaAt(body, 'after') };
      return told(repository, [{ kind: 'push', ...push }]);
    }
    if (kind !== 'merge_request') {
      return ignored(repository, `Sluice does not need the event ${kind}.`);
    }
    const request = at(body, 'object_attributes');
    const action = ACTIONS[textAt(request, 'action') ?? ''];
    const isNews =
      action !== 'updated' ||
      textAt(request, 'oldrev') !== null ||
      CHANGES.some((change) => at(body, 'changes', change) !== undefined);
    if (action === undefined || !isNews) {
      return ignored(repository, `${textAt(request, 'action')} changes nothing of it here.`);
    }
    return told(repository, [{ kind: 'pull_request', ...mergeRequestOf(action, body) }]);
  },
};

function mergeRequestOf(action: PullRequestEvent['action'], body: unknown): PullRequestEvent {
  const request = at(body, 'object_attributes');
  const authorId = needText(request, 'author_id');
  // The body's `user` is who did this now; only sometimes that is the author.
  const isAuthor = textAt(body, 'user', 'id') === authorId;
  const login = isAuthor ? textAt(body, 'user', 'username') : null;
  return {
    number: needNumber(request, 'iid'),
    action,
    title: textAt(request, 'title') ?? '',
    author: { id: authorId, login: login ?? `user ${authorId}` },
    head: {
      sha: needSha(request, 'last_commit', 'id'),
      ref: needText(request, 'source_branch'),
      repository: textAt(request, 'source', 'path_with_namespace'),
      isFork: textAt(request, 'source_project_id') !== needText(request, 'target_project_id'),
    },
    base: { sha: null, ref: needText(request, 'target_branch') },
    url: needText(request, 'url'),
    draft: at(request, 'draft') === true || at(request, 'work_in_progress') === true,
    at: timeAt(request, 'updated_at'),
  };
}
