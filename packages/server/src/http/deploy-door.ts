import type { Deploy, Who } from '../deploy/index.ts';
import type { DeployPipeline } from '../deploy/pipeline/index.ts';

export type { DeploymentView, ReleaseView, SignalInput, Who } from '../deploy/index.ts';

/** What the HTTP door asks of the deploy room; starting and stopping it is not its business. */
export type DeployDoor = Omit<Deploy, 'start' | 'drain' | 'stop' | 'deploymentsOfCommit'>;

/** And of whoever runs the instances. */
export type RunningDoor = Pick<
  DeployPipeline,
  | 'restartEnvironment'
  | 'stopEnvironment'
  | 'removeEnvironment'
  | 'domainsChanged'
  | 'images'
  | 'openShell'
>;

/** Who asks, for the deploy room. A person who names a commit answers for it (spec/ordering.md 2.3). */
export const whoIs = ({ userUuid, email, isMachine }: Required<Who>): Required<Who> => ({
  userUuid,
  email,
  isMachine,
});
