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
import type { Dialect, HookEvent, PullRequestEvent } from './types.ts';

const ACTIONS: Readonly<Record<string, PullRequestEvent['action']>> = {
  opened: 'opened',
  reopened: 'reopened',
  synchronize: 'updated',
  edited: 'updated',
  ready_for_review: 'updated',
  converted_to_draft: 'updated',
  closed: 'closed',
};

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads */
export const github: Dialect = {
  provider: 'github',
  signatureHeader: 'X-Hub-Signature-256',
  bodiesDiffer: true,
  event: (headers) => headerText(headers, 'x-github-event') ?? '',
  deliveryId: (headers) => headerText(headers, 'x-github-delivery'),
  verify: (headers, body, secret) =>
    verifyHmac(headerText(headers, 'x-hub-signature-256'), body, secret),
  parse: (event, body) => {
    const repository = textAt(body, 'repository', 'full_name');
    if (event === 'ping') return told(repository, [{ kind: 'ping' }]);
    if (event === 'push') return told(repository, [pushOf(body)]);
    if (event === 'create' || event === 'delete') return told(repository, [refOf(event, body)]);
    if (event !== 'pull_request') {
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

function pushOf(body: unknown): HookEvent {
  return { kind: 'push', ref: needText(body, 'ref'), after: shaAt(body, 'after') };
}

/** Of `create` and `delete`, which name a branch or tag without its commit. */
function refOf(event: string, body: unknown): HookEvent {
  const folder = textAt(body, 'ref_type') === 'tag' ? 'tags' : 'heads';
  const ref = needText(body, 'ref');
  return { kind: 'push', ref: event === 'delete' ? null : `refs/${folder}/${ref}`, after: null };
}

function pullRequestOf(action: PullRequestEvent['action'], body: unknown): PullRequestEvent {
  const pull = at(body, 'pull_request');
  return {
    number: needNumber(pull, 'number'),
    action: action === 'closed' && at(pull, 'merged') === true ? 'merged' : action,
    title: textAt(pull, 'title') ?? '',
    author: { id: needText(pull, 'user', 'id'), login: needText(pull, 'user', 'login') },
    head: {
      sha: needSha(pull, 'head', 'sha'),
      ref: needText(pull, 'head', 'ref'),
      repository: textAt(pull, 'head', 'repo', 'full_name'),
      isFork: textAt(pull, 'head', 'repo', 'id') !== needText(pull, 'base', 'repo', 'id'),
    },
    base: { sha: shaAt(pull, 'base', 'sha'), ref: needText(pull, 'base', 'ref') },
    url: needText(pull, 'html_url'),
    draft: at(pull, 'draft') === true,
    at: timeAt(pull, 'updated_at'),
  };
}
