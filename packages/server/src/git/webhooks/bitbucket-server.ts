import {
  at,
  ignored,
  listAt,
  needNumber,
  needSha,
  needText,
  shaAt,
  textAt,
  timeAt,
  told,
} from './read.ts';
import type { ParsedDelivery, PullRequestEvent } from './types.ts';

const ACTIONS: Readonly<Record<string, PullRequestEvent['action']>> = {
  'pr:opened': 'opened',
  'pr:from_ref_updated': 'updated',
  'pr:to_ref_updated': 'updated',
  'pr:modified': 'updated',
  'pr:reopened': 'reopened',
  'pr:merged': 'merged',
  'pr:declined': 'closed',
  'pr:deleted': 'closed',
};

/** Bitbucket Data Center: https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html */
export function serverDelivery(event: string, body: unknown): ParsedDelivery {
  if (event === 'diagnostics:ping') return told(null, [{ kind: 'ping' }]);
  if (event === 'repo:refs_changed') {
    const pushes = listAt(body, 'changes').map((change) => ({
      kind: 'push' as const,
      ref: needText(change, 'ref', 'id'),
      after: shaAt(change, 'toHash'),
    }));
    return told(nameOf(at(body, 'repository')), pushes);
  }
  const pull = at(body, 'pullRequest');
  const target = at(pull, 'toRef', 'repository');
  const action = ACTIONS[event];
  if (action === undefined) {
    return ignored(nameOf(target), `Sluice does not need the event ${event}.`);
  }
  const source = at(pull, 'fromRef', 'repository');
  const fields: PullRequestEvent = {
    number: needNumber(pull, 'id'),
    action,
    title: textAt(pull, 'title') ?? '',
    author: {
      id: needText(pull, 'author', 'user', 'id'),
      login: needText(pull, 'author', 'user', 'name'),
    },
    head: {
      sha: needSha(pull, 'fromRef', 'latestCommit'),
      ref: needText(pull, 'fromRef', 'displayId'),
      repository: nameOf(source),
      isFork: textAt(source, 'id') !== needText(target, 'id'),
    },
    base: { sha: shaAt(pull, 'toRef', 'latestCommit'), ref: needText(pull, 'toRef', 'displayId') },
    url: textAt(listAt(pull, 'links', 'self')[0], 'href') ?? '',
    draft: at(pull, 'draft') === true,
    at: timeAt(pull, 'updatedDate'),
  };
  return told(nameOf(target), [{ kind: 'pull_request', ...fields }]);
}

function nameOf(repository: unknown): string | null {
  const [project, slug] = [textAt(repository, 'project', 'key'), textAt(repository, 'slug')];
  return project === null || slug === null ? null : `${project}/${slug}`;
}
