import type { Ci } from './ci/index.ts';
import type { Runtime } from './deploy/runtimes/runtime.ts';
import type { Edge } from './edge/index.ts';
import type { Git } from './git/index.ts';
import type { Router } from './router/index.ts';
import type { Executor, Probes } from './system/index.ts';

interface Rooms {
  readonly router: Pick<Router, 'stats'>;
  readonly runtime: Pick<Runtime, 'instances'>;
  readonly git: Pick<Git, 'maintenance'>;
  readonly executors: () => readonly Executor[];
  readonly ci: Pick<Ci, 'runners'>;
  readonly edge: Pick<Edge, 'state' | 'names'> | null;
}

/** What the rooms tell about themselves, for the room that looks after the whole. */
export const joinProbes = ({ router, runtime, git, ci, executors, edge }: Rooms): Probes => ({
  executors,
  edge: () => (edge === null ? null : { ...edge.state(), names: edge.names }),
  remoteExecutors: async () =>
    (await ci.runners.list())
      .filter(({ embedded, state }) => !embedded && state === 'online')
      .map(({ name, slots, isolates, executor }) => ({
        ...{ name, slots, isolates, notices: [] },
        remote: !isolates ? 'none' : executor === 'host' ? 'bubblewrap' : executor,
      })),
  maintenance: git.maintenance,
  router: async () => {
    const { requests, backends } = await router.stats();
    return `It answers: ${requests} requests so far, to ${backends.length} instances of applications.`;
  },
  supervisor: async () => `It answers: ${(await runtime.instances()).length} instances run.`,
});
