import { ConfigError } from '@sluice/travis-config';
import type { CiRepository, Context } from './dependencies.ts';
import { type Gathered, gatherImports, ImportError, importRemark } from './imports.ts';
import { type BuildPlan, conditionData, erroredPlan, type PlanFacts, planBuild } from './plan.ts';
import type { Refusal } from './push-decision.ts';

export type PlannedCommit =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | {
      readonly kind: 'build';
      readonly plan: BuildPlan;
      readonly secureOrigins: Gathered['secureOrigins'];
    };

/**
 * Works out a commit's jobs from the text of its `.travis.yml` and what that imports. What is wrong with the files makes a
 * build that is errored and says so; only trouble that may pass (git that does not answer) is thrown. `doing` is for the log.
 */
export async function planCommit(
  context: Context,
  repository: CiRepository,
  commit: { readonly sha: string; readonly text: string },
  facts: PlanFacts,
  doing: string,
): Promise<PlannedCommit> {
  const errored = (reason: string, remarks: BuildPlan['messages']): PlannedCommit => ({
    kind: 'build',
    plan: erroredPlan(reason, remarks),
    secureOrigins: {},
  });
  const { sha, text } = commit;
  let gathered: Gathered;
  try {
    gathered = await gatherImports(context, { repository, sha, text }, conditionData(facts));
  } catch (error) {
    if (error instanceof ImportError) return errored(error.message, [importRemark(error)]);
    // An unreadable main file is the planner's to tell; anything else, such as git in trouble, is tried again.
    if (!(error instanceof ConfigError)) throw error;
    gathered = { parts: [{ text }], messages: [], secureOrigins: {} };
  }
  try {
    const { parts, messages: remarks, secureOrigins } = gathered;
    const planned = planBuild({ parts, remarks }, facts);
    return planned.kind === 'refused' ? planned : { ...planned, secureOrigins };
  } catch (error) {
    // A fault of ours: it would fail again and again, and what stands behind it must not wait for it.
    context.onError(error, `planning ${doing}`);
    return errored(
      'The server could not work out the jobs of .travis.yml; its own log says why.',
      [],
    );
  }
}
