import { ABSENT } from '../../git/types.ts';
import type { Topics } from '../../store/index.ts';
import { type EngineDeps, SYSTEM } from './context.ts';
import { environmentsOf, loadEnvironment } from './environment.ts';
import type { Accepted, SignalInput } from './intake.ts';
import { newest, passedAmong } from './verdicts.ts';

const MOST_COMMITS_OF_A_PUSH = 500;

/** Section 5: each commit of the branch that becomes tested makes a signal, where `auto_deploy` is on. */
export function createAutoDeploy(
  deps: EngineDeps,
  accept: (input: SignalInput) => Promise<Accepted>,
) {
  const signal = async (environmentUuid: string, repositoryUuid: string, sha: string) => {
    const build = await newest(deps.store, repositoryUuid, sha);
    if (build?.state !== 'passed') return;
    await accept({
      environmentUuid,
      target: sha,
      via: 'auto',
      identity: { ...SYSTEM, email: 'auto_deploy' },
      // One signal for each pass, however often the message comes.
      idempotencyKey: `auto:${sha}:${build.build_id}:${build.updated_at}`,
    });
  };

  const eachAutomatic = async (
    repositoryUuid: string,
    work: (environmentUuid: string, branch: string) => Promise<void>,
  ) => {
    for (const uuid of await environmentsOf(deps.store, repositoryUuid)) {
      const { autoDeploy, branch } = await loadEnvironment(deps.store, uuid);
      if (autoDeploy) await work(uuid, branch);
    }
  };

  return {
    afterBuild: ({ repositoryUuid, sha, state }: Topics['build']) =>
      eachAutomatic(repositoryUuid, async (uuid, branch) => {
        if (state !== 'passed') return;
        const history = deps.git.history(repositoryUuid);
        if ((await history.mergedAt(sha, branch)) !== null) await signal(uuid, repositoryUuid, sha);
      }),
    /** Commits that were tested before they came to the branch. */
    afterPush: ({ repositoryUuid, ref, before, after }: Topics['push']) =>
      eachAutomatic(repositoryUuid, async (uuid, branch) => {
        if (ref !== `refs/heads/${branch}` || after === ABSENT) return;
        const history = deps.git.history(repositoryUuid);
        const base = before === ABSENT || !(await history.present(before)) ? null : before;
        const range = await history.commitsBetween(base, after, MOST_COMMITS_OF_A_PUSH);
        const tested = await passedAmong(deps.store, repositoryUuid, range);
        // Oldest first, so that the newest supersedes and not the other way round.
        for (const sha of tested.reverse()) await signal(uuid, repositoryUuid, sha);
      }),
  };
}
