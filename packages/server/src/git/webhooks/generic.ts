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
import { verifyTimed } from './signature.ts';
import { type Dialect, type PullRequestEvent, UnreadableBody } from './types.ts';

const ACTIONS = ['opened', 'updated', 'reopened', 'closed', 'merged'] as const;

/**
 * For everything else: a plain git server's `post-receive` hook, another forge, a script. Described in
 * docs/reference/webhooks.md.
 */
export const generic: Dialect = {
  provider: 'generic',
  signatureHeader: 'X-Sluice-Signature',
  bodiesDiffer: false,
  stamp: (headers) => /^t=\d+/.exec(headerText(headers, 'x-sluice-signature') ?? '')?.[0] ?? '',
  event: (headers) => headerText(headers, 'x-sluice-event') ?? '',
  deliveryId: (headers) => headerText(headers, 'x-sluice-delivery'),
  verify: (headers, body, secret, nowSeconds) =>
    verifyTimed(headerText(headers, 'x-sluice-signature'), body, secret, nowSeconds),
  parse: (header, body) => {
    const event = textAt(body, 'event') ?? header;
    const repository = textAt(body, 'repository');
    if (event === 'ping') return told(repository, [{ kind: 'ping' }]);
    if (event === 'push') {
      const push = { ref: textAt(body, 'ref'), after: shaAt(body, 'after') };
      return told(repository, [{ kind: 'push', ...push }]);
    }
    if (event !== 'pull_request') {
      return ignored(repository, `The events are push, ping and pull_request, not ${event}.`);
    }
    return told(repository, [{ kind: 'pull_request', ...pullRequestOf(body) }]);
  },
};

function pullRequestOf(body: unknown): PullRequestEvent {
  const wanted = textAt(body, 'action');
  const action = ACTIONS.find((one) => one === wanted);
  if (action === undefined) throw new UnreadableBody(`action is one of ${ACTIONS.join(', ')}.`);
  return {
    number: needNumber(body, 'number'),
    action,
    title: textAt(body, 'title') ?? '',
    author: { id: needText(body, 'author', 'id'), login: needText(body, 'author', 'login') },
    head: {
      sha: needSha(body, 'head', 'sha'),
      ref: needText(body, 'head', 'ref'),
      repository: textAt(body, 'head', 'repository'),
      // Who does not say that it is none is not trusted.
      isFork: at(body, 'head', 'isFork') !== false,
    },
    base: { sha: shaAt(body, 'base', 'sha'), ref: needText(body, 'base', 'ref') },
    url: textAt(body, 'url') ?? '',
    draft: at(body, 'draft') === true,
    at: timeAt(body, 'at'),
  };
}
