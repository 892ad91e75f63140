import type { ConditionData } from '../conditions/index.ts';
import type { Judge } from '../matrix/conditions.ts';
import type { BuildConfig } from '../types.ts';
import { isBranchBuilt } from './branches.ts';
import { hasSkipWord } from './skip.ts';

/** Why a request becomes no build (spec 4, step 1). */
export type Refusal = 'condition' | 'branch excluded' | 'commit skipped';

/**
 * The root condition, then the branches, then the commit's message. What the data does not tell refuses
 * nothing: without a branch there is none to exclude.
 */
export function refusal(
  config: BuildConfig,
  data: ConditionData,
  judge: Judge,
): Refusal | undefined {
  const rootData = judge.rootData(config, config.env?.global ?? []);
  if (!judge.accepts(config.if, rootData, 'if')) return 'condition';
  const name = typeof data.tag === 'string' && data.tag !== '' ? data.tag : data.branch;
  if (typeof name === 'string' && !isBranchBuilt(config.branches, name, judge.search)) {
    return 'branch excluded';
  }
  const mayBeSkipped = data.type !== 'cron' && data.type !== 'api';
  const message = data.commit_message;
  if (mayBeSkipped && typeof message === 'string' && hasSkipWord(message)) return 'commit skipped';
  return undefined;
}
