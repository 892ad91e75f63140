import { serverDelivery } from './bitbucket-server.ts';
import {
  at,
  headerText,
  ignored,
  listAt,
  needNumber,
  needSha,
  needText,
  textAt,
  timeAt,
  told,
} from './read.ts';
import { verifyHmac } from './signature.ts';
import type { Dialect, HookEvent, PullRequestEvent } from './types.ts';

const ACTIONS: Readonly<Record<string, PullRequestEvent['action']>> = {
  'pullrequest:created': 'opened',
  'pullrequest:updated': 'updated',
  'pullrequest:fulfilled': 'merged',
  'pullrequest:rejected': 'closed',
};

/**
 * Bitbucket Cloud (https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/); events that it does not know
 * are those of Bitbucket Data Center.
 */
export const bitbucket: Dialect = {
  provider: 'bitbucket',
  signatureHeader: 'X-Hub-Signature',
  bodiesDiffer: true,
  event: (headers) => headerText(headers, 'x-event-key') ?? '',
  deliveryId: (headers) =>
    headerText(headers, 'x-request-uuid') ?? headerText(headers, 'x-request-id'),
  verify: (headers, body, secret) =>
    verifyHmac(headerText(headers, 'x-hub-signature'), body, secret),
  parse: (event, body) => {
    if (/^(pr|diagnostics):|^repo:refs_changed$/.test(event)) return serverDelivery(event, body);
    const repository = textAt(body, 'repository', 'full_name');
    if (event === 'repo:push') return told(repository, pushesOf(body));
    const action = ACTIONS[event];
    if (action === undefined) {
      return ignored(repository, `Sluice does not need the event ${event}.`);
    }
    return told(repository, [{ kind: 'pull_request', ...pullRequestOf(action, body) }]);
  },
};

/** One push may move several branches; beyond five the host leaves some out, so an empty list is news as well. */
function pushesOf(body: unknown): HookEvent[] {
  const changes = listAt(body, 'push', 'changes');
  if (changes.length === 0) return [{ kind: 'push', ref: null, after: null }];
  return changes.map((change) => {
    const side = at(change, 'new') ?? at(change, 'old');
    const folder = /tag/.test(textAt(side, 'type') ?? '') ? 'tags' : 'heads';
    const hash = textAt(change, 'new', 'target', 'hash');
    const after = hash !== null && /^[0-9a-f]{40}$/.test(hash) ? hash : null;
    return { kind: 'push', ref: `refs/${folder}/${needText(side, 'name')}`, after };
  });
}

function pullRequestOf(action: PullRequestEvent['action'], body: unknown): PullRequestEvent {
  const pull = at(body, 'pullrequest');
  const source = textAt(pull, 'source', 'repository', 'uuid');
  const isFork = source !== needText(pull, 'destination', 'repository', 'uuid');
  const page = textAt(pull, 'source', 'repository', 'links', 'html', 'href');
  return {
    number: needNumber(pull, 'id'),
    action,
    title: textAt(pull, 'title') ?? '',
    author: {
      id: textAt(pull, 'author', 'account_id') ?? needText(pull, 'author', 'uuid'),
      login: textAt(pull, 'author', 'nickname') ?? needText(pull, 'author', 'display_name'),
    },
    head: {
      sha: needSha(pull, 'source', 'commit', 'hash'),
      ref: needText(pull, 'source', 'branch', 'name'),
      repository: textAt(pull, 'source', 'repository', 'full_name'),
      isFork,
      // There is no reference for pull requests: a fork's commits are in the fork alone.
      ...(isFork && page !== null ? { url: `${page.replace(/\/+$|\.git$/g, '')}.git` } : {}),
    },
    // Shortened there, too; the branch says the same.
    base: { sha: null, ref: needText(pull, 'destination', 'branch', 'name') },
    url: needText(pull, 'links', 'html', 'href'),
    draft: at(pull, 'draft') === true,
    at: timeAt(pull, 'updated_on'),
  };
}
