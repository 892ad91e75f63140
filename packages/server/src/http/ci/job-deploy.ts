import type { JobDeployAnswer } from '@sluice/contract';
import type { Application, Applications, Environment } from '../../applications/index.ts';
import type { DeployableCommit } from '../../ci/held-jobs.ts';
import { SluiceError } from '../../errors.ts';
import type { DeployDoor, DeploymentView } from '../deploy-door.ts';

export interface JobDeployRooms {
  readonly applications: Pick<Applications, 'find' | 'byRepository' | 'environments' | 'url'>;
  readonly deploy: Pick<DeployDoor, 'signal'>;
}

interface Wish {
  readonly application: string | null;
  readonly environment: string;
}

/** What is refused is said in the answer; only a lost lease is thrown. */
export type DeployFromJob = (
  prove: () => Promise<DeployableCommit>,
  wish: Wish,
) => Promise<JobDeployAnswer>;

/** What the caller can do nothing about by reading on: the runner has to see these as what they are. */
const THROWN: readonly string[] = ['internal', 'unavailable', 'rate_limited'];

/**
 * The deploy provider `sluice` (spec/travis.md 7). A job may signal for one commit, its own, and for one application, that
 * of its repository; nothing it says can name another.
 */
export function createDeployFromJob({ applications, deploy }: JobDeployRooms): DeployFromJob {
  const applicationOf = async (commit: DeployableCommit, wish: Wish): Promise<Application> => {
    const own = await applications.byRepository(commit.repositoryUuid);
    const named = wish.application === null ? own : await applications.find(wish.application);
    if (own !== null && named?.uuid === own.uuid) return own;
    // The same words for one that is somebody else's and one that is not there.
    const message =
      wish.application === null
        ? 'No application is made from this repository.'
        : `There is no application ${wish.application} that is made from this repository. ` +
          'To deploy another one, use a token of your own: `script: sluice app deploy`.';
    throw new SluiceError('not_found', message);
  };

  const environmentOf = async (application: Application, slug: string): Promise<Environment> => {
    const all = await applications.environments(application.uuid);
    const found = all.find((environment) => environment.slug === slug);
    if (found !== undefined) return found;
    const known = all.map((environment) => environment.slug).join(', ');
    throw new SluiceError(
      'not_found',
      `${application.slug} has no environment ${slug}. There are: ${known}.`,
    );
  };

  return async (prove, wish) => {
    try {
      const commit = await prove();
      const application = await applicationOf(commit, wish);
      const environment = await environmentOf(application, wish.environment);
      const { deployment } = await deploy.signal({
        environmentUuid: environment.uuid,
        target: commit.sha,
        via: 'cli',
        identity: {
          userUuid: `job:${commit.jobId}`,
          email: `job-${commit.jobId}@jobs.invalid`,
          isMachine: true,
        },
        // The runner asks again when it did not hear the answer.
        idempotencyKey: `job-${commit.jobId}-${commit.attempt}`,
      });
      return {
        accepted: deployment.success !== false,
        message: describe(deployment, commit, `${application.slug} (${environment.slug})`),
      };
    } catch (error) {
      const passed = error instanceof SluiceError && !THROWN.includes(error.code);
      if (!passed || error.reason === 'lease_lost') throw error;
      return { accepted: false, message: `Not deployed: ${error.message}` };
    }
  };
}

function describe(deployment: DeploymentView, commit: DeployableCommit, where: string): string {
  const what = `Deployment ${deployment.uuid} of ${commit.sha.slice(0, 12)} to ${where}`;
  const reason = deployment.reason === null ? '' : `: ${deployment.reason}`;
  if (deployment.endedAt !== null) return `${what} is ${deployment.status}${reason}`;
  return `${what} is ${deployment.status}. It goes on by itself; watch it with: sluice app deployments watch ${deployment.uuid}`;
}
