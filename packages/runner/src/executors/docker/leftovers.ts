import type Docker from 'dockerode';
import { isAlive, LABELS } from './labels.ts';

interface Leftover {
  labels: Record<string, string>;
  createdMs: number;
  remove(): Promise<unknown>;
}

/**
 * Removes what belongs to no job any more. Of this runner: everything of a process that is gone. Of any runner: what has reached an age
 * and whose job's container does not run; that container ends by itself when its runner does, so whether it runs is the lease.
 */
export async function removeLeftovers(
  engine: Docker,
  own: { runnerId: string; abandonedMs: number },
): Promise<void> {
  const filters = { label: [LABELS.workplace] };
  const [containers, networks] = await Promise.all([
    engine.listContainers({ all: true, filters }),
    engine.listNetworks({ filters }),
  ]);
  const things: Leftover[] = [
    ...containers.map((one) => ({
      labels: one.Labels,
      createdMs: one.Created * 1_000,
      remove: () => engine.getContainer(one.Id).remove({ force: true, v: true }),
    })),
    // After the containers that are in them.
    ...networks.map((one) => ({
      labels: one.Labels ?? {},
      createdMs: Date.parse(one.Created ?? ''),
      remove: () => engine.getNetwork(one.Id).remove(),
    })),
  ];
  const running = new Set(
    containers
      .filter((one) => one.State === 'running' && one.Labels[LABELS.role] === 'job')
      .map((one) => one.Labels[LABELS.workplace]),
  );
  const alive = new Map<string, boolean>();
  for (const { labels } of things) {
    const process = labels[LABELS.process] ?? '';
    if (labels[LABELS.runner] === own.runnerId && !alive.has(process)) {
      alive.set(process, await isAlive(process));
    }
  }
  for (const thing of things) {
    const { labels } = thing;
    const isOrphan =
      labels[LABELS.runner] === own.runnerId && !alive.get(labels[LABELS.process] ?? '');
    const isAbandoned =
      !running.has(labels[LABELS.workplace]) && Date.now() - thing.createdMs > own.abandonedMs;
    if (isOrphan || (isAbandoned && !alive.get(labels[LABELS.process] ?? ''))) {
      await thing.remove().catch(() => undefined);
    }
  }
}
