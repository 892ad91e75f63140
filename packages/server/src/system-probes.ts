import type { Runtime } from './deploy/runtimes/runtime.ts';
import type { Git } from './git/index.ts';
import type { Router } from './router/index.ts';
import type { Executor, Probes } from './system/index.ts';

interface Rooms {
  readonly router: Pick<Router, 'stats'>;
  readonly runtime: Pick<Runtime, 'instances'>;
  readonly git: Pick<Git, 'maintenance'>;
  readonly executors: () => readonly Executor[];
}

/** What the rooms tell about themselves, for the room that looks after the whole. */
export const joinProbes = ({ router, runtime, git, executors }: Rooms): Probes => ({
  executors,
  maintenance: git.maintenance,
  router: async () => {
    const { requests, backends } = await router.stats();
    return `It answers: ${requests} requests so far, to ${backends.length} instances of applications.`;
  },
  supervisor: async () => `It answers: ${(await runtime.instances()).length} instances run.`,
});
