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
import { verifyHmac } from './signature.ts';
import type { Dialect, Headers, PullRequestEvent } from './types.ts';

const ACTIONS: Readonly<Record<string, PullRequestEvent['action']>> = {
  opened: 'opened',
  reopened: 'reopened',
  synchronized: 'updated',
  edited: 'updated',
  closed: 'closed',
};

/** Forgejo sends Gitea's names besides its own. */
const header = (headers: Headers, name: string): string | null =>
  headerText(headers, `x-gitea-${name}`) ?? headerText(headers, `x-forgejo-${name}`);

/** https://docs.gitea.com/usage/webhooks, https://forgejo.org/docs/latest/user/webhooks/ */
export const gitea: Dialect = {
  provider: 'gitea',
  signatureHeader: 'X-Gitea-Signature',
  bodiesDiffer: true,
  event: (headers) => header(headers, 'event') ?? '',
  deliveryId: (headers) => header(headers, 'delivery'),
  verify: (headers, body, secret) => verifyHmac(header(headers, 'signature'), body, secret),
  parse: (event, body) => {
    const repository = textAt(body, 'repository', 'full_name');
    if (event === 'push') {
      const push = { ref: needText(body, 'ref'), after: shaAt(body, 'after') };
      return told(repository, [{ kind: 'push', ...push }]);
    }
    if (event === 'create' || event === 'delete') {
      return told(repository, [{ kind: 'push', ref: null, after: null }]);
    }
    // Newer versions name the kind of change in the event already (`pull_request_sync`).
    if (event !== 'pull_request' && event !== 'pull_request_sync') {
      return ignored(repository, `Sluice does not need the event ${event}.`);
    }
    const action = ACTIONS[textAt(body, 'action') ?? ''];
    if (action === undefined) {
      return ignored(
        repository,
        `${textAt(body, 'action')} changes nothing of a pull request here.`,
      );
    }
    return told(repository, [{ kind: 'pull_request', ...pullRequestOf(action, body) }]);
  },
};

function pullRequestOf(action: PullRequestEvent['action'], body: unknown): PullRequestEvent {
  const pull = at(body, 'pull_request');
  const title = textAt(pull, 'title') ?? '';
  return {
    number: needNumber(body, 'number'),
    action: action === 'closed' && at(pull, 'merged') === true ? 'merged' : action,
    title,
    author: { id: needText(pull, 'user', 'id'), login: needText(pull, 'user', 'login') },
    head: {
      sha: needSha(pull, 'head', 'sha'),
      ref: needText(pull, 'head', 'ref'),
      repository: textAt(pull, 'head', 'repo', 'full_name'),
      isFork: textAt(pull, 'head', 'repo_id') !== needText(pull, 'base', 'repo_id'),
    },
    base: { sha: shaAt(pull, 'base', 'sha'), ref: needText(pull, 'base', 'ref') },
    url: needText(pull, 'html_url'),
    draft: at(pull, 'draft') === true || /^(WIP:|\[WIP\])/i.test(title),
    at: timeAt(pull, 'updated_at'),
  };
}
