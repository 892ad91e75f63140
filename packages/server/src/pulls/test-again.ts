import { SluiceError } from '../errors.ts';
import { conflicting } from '../git/pulls/merge.ts';
import { type Context, type Pull, readPull } from './context.ts';
import { follow } from './follow.ts';

/**
 * Whether the newest build of its head is of another merge result than the one that merging would give now: the base has
 * moved since. Pure.
 */
export function isOvertaken(
  pull: Pick<
    Pull,
    'state' | 'build_head' | 'build_state' | 'build_sha' | 'head_sha' | 'merge_sha' | 'mergeability'
  >,
): boolean {
  if (pull.state !== 'open' || pull.mergeability !== 'clean') return false;
  if (pull.build_head !== pull.head_sha || pull.build_sha === pull.merge_sha) return false;
  return pull.build_state !== null && pull.build_state !== 'refused';
}

/**
 * Asks for another build of an open pull request, of the merge with its base as that is now. Throws `conflict`:
 * `not_open`, `approval_required`, `merge_conflicts`, `commits_missing`, `under_test`.
 */
export async function testAgain(context: Context, uuid: string): Promise<Pull | null> {
  const pull = await follow(context, uuid);
  if (pull === null) return null;
  if (pull.state !== 'open') {
    throw refusal('not_open', `Pull request ${pull.number} is ${pull.state}.`);
  }
  if (pull.approval === 'awaiting') {
    throw refusal(
      'approval_required',
      'Nobody has approved a build of this author yet.',
      'Look at the changes, then approve it: that builds it.',
    );
  }
  if (pull.mergeability === 'unknown') {
    throw refusal(
      'commits_missing',
      'Its commits are not here yet.',
      'They are fetched as soon as its host answers; try again in a moment.',
    );
  }
  if (pull.mergeability !== 'clean') throw conflicting(JSON.parse(pull.conflicts) as string[]);
  const isUnderTest = ['requested', 'unfinished'].includes(pull.build_state ?? '');
  if (isUnderTest && pull.build_sha === pull.merge_sha) {
    throw refusal('under_test', 'Just this is being tested.', 'Wait for its build.');
  }
  await follow(context, uuid, { again: true });
  return readPull(context, uuid);
}

const refusal = (reason: string, text: string, remedy?: string) =>
  new SluiceError('conflict', text, { reason, ...(remedy === undefined ? {} : { remedy }) });
