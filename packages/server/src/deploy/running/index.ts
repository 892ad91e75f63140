import type { Git } from '../../git/types.ts';
import type { Store } from '../../store/index.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { type BuildLine, decidingBuild } from './build.ts';
import { environmentInstances, type InstanceView } from './instances.ts';
import { type Milestone, milestonesOf } from './milestones.ts';
import { createSampler } from './sampler.ts';
import { deploymentStory, type StoryView } from './story.ts';
import { environmentUsage, type UsageView } from './usage.ts';

export type { InstanceView } from './instances.ts';
export type { StoryView } from './story.ts';
export type { UsageView } from './usage.ts';

export interface RunningDeps {
  readonly store: Store;
  readonly git: Pick<Git, 'history' | 'commit' | 'commits'>;
  readonly runtime: Pick<Runtime, 'instances' | 'usage'>;
  readonly onError: (error: unknown, context: string) => void;
}

/** What runs and how it came to: for people to look at. It changes nothing. */
export interface Running {
  /** Begins to sample; to be called when the runtime watches its instances. */
  start(): void;
  stop(): Promise<void>;
  /** Null where there is no such deployment. */
  story(deploymentUuid: string): Promise<StoryView | null>;
  /** The deciding build of a commit; null where there is none. */
  build(repositoryUuid: string, sha: string): Promise<BuildLine | null>;
  /** What happened to a commit besides decisions, oldest first. */
  milestones(commit: Parameters<typeof milestonesOf>[1]): Promise<readonly Milestone[]>;
  instances(environmentUuid: string): Promise<readonly InstanceView[]>;
  usage(environmentUuid: string, hours: number): Promise<UsageView>;
}

export function createRunning(deps: RunningDeps): Running {
  const { store, runtime, onError } = deps;
  const sampler = createSampler({ store, runtime, onError });
  return {
    start: sampler.start,
    stop: sampler.stop,
    story: (uuid) => deploymentStory(deps, uuid),
    build: (repositoryUuid, sha) => decidingBuild(store, repositoryUuid, sha),
    milestones: (commit) => milestonesOf(store, commit),
    instances: (uuid) => environmentInstances(store, sampler, uuid),
    usage: (uuid, hours) => environmentUsage(store, uuid, hours, Date.now()),
  };
}
