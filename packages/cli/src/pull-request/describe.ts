import type { PullRequest, PullRequestComment } from '@sluice/contract';
import { printable } from '../ui/table.ts';
import type { Terminal } from '../ui/terminal.ts';

/** `draft` is a state of its own for people. */
export function stateOf(pull: PullRequest): string {
  return pull.state === 'open' && pull.draft ? 'draft' : pull.state;
}

/** Where it stands, in one sentence. */
export function mergeLine(pull: PullRequest): string {
  if (pull.state === 'merged') {
    const by = pull.ended_by === null ? '' : ` by ${pull.ended_by}`;
    return `is merged${by} as ${pull.merged_sha?.slice(0, 10) ?? 'a commit of its base'}`;
  }
  if (pull.state === 'closed') return 'is closed';
  if (pull.merge_when_green) return 'is merged as soon as its build passes';
  switch (pull.mergeability) {
    case 'conflicts':
      return `cannot be merged: both sides changed ${pull.conflicts.map(printable).join(', ')}`;
    case 'unrelated':
      return 'cannot be merged: the branches have no commit in common';
    case 'clean':
      return `can be merged into ${pull.base.ref}; build: ${buildText(pull)}${moved(pull)}`;
    default:
      return 'is not looked at yet: its commits are not here';
  }
}

/** Its build says little of what merging would give now. */
const moved = (pull: PullRequest): string =>
  pull.base_moved
    ? `, before ${pull.base.ref} moved; test it again: sluice pr test ${pull.number}`
    : '';

export function describePull(
  terminal: Pick<Terminal, 'style'>,
  pull: PullRequest,
  comments: readonly PullRequestComment[],
): string[] {
  const field = (name: string, value: string) =>
    `${terminal.style('bold', name.padEnd(8))} ${printable(value)}`;
  const description = pull.description.split('\n').map(printable);
  return [
    terminal.style('bold', `#${pull.number} ${printable(pull.title)}`),
    field('State', `${stateOf(pull)}: ${mergeLine(pull)}`),
    field('From', `${pull.head.ref} (${pull.head.sha.slice(0, 10)}) by ${pull.author}`),
    field('Into', pull.base.ref),
    field('Build', buildText(pull)),
    ...(pull.preview === null ? [] : [field('Preview', pull.preview.url)]),
    ...(pull.url === null ? [] : [field('Page', pull.url)]),
    ...(pull.description.trim() === '' ? [] : ['', ...description]),
    ...comments.flatMap(({ author, body, created_at }) => [
      '',
      terminal.style('bold', `${printable(author)}, ${created_at}`),
      ...body.split('\n').map(printable),
    ]),
  ];
}

function buildText({ build }: PullRequest): string {
  if (build === null) return 'none';
  const reason = build.reason === null ? '' : `: ${build.reason}`;
  const url = build.url === null ? '' : ` ${build.url}`;
  return `${build.state.replace('_', ' ')}${reason}${url}`;
}
