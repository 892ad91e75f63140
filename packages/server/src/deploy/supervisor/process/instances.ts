import type { InstanceSpec, InstanceStatus } from '../types.ts';
import { createInstance, type Instance, type InstanceDeps } from './instance.ts';
import type { SealedState } from './sealed-state.ts';

/** All instances of the installation, and what is on disk about them. */
export interface Instances {
  /** Adopts or starts whatever there should be, and goes on ending what was being ended. */
  restore(): Promise<void>;
  start(spec: InstanceSpec): Promise<InstanceStatus>;
  /** Resolves when it is gone; an unknown one is. */
  stop(id: string, graceMs: number): Promise<void>;
  list(): InstanceStatus[];
  stopAll(graceMs: number): Promise<void>;
}

export function createInstances(state: SealedState, deps: InstanceDeps): Instances {
  const instances = new Map<string, Instance>();

  const save = () =>
    state.save(
      [...instances.values()].map((one) => ({ spec: one.spec, stopping: one.isStopping() })),
    );

  const stop = async (id: string, graceMs: number): Promise<void> => {
    const instance = instances.get(id);
    if (instance === undefined) return;
    const gone = instance.stop(graceMs);
    // A full disk must not keep a program alive: the intent is saved if it can be.
    await save().catch(() => undefined);
    await gone;
    if (instances.get(id) === instance) instances.delete(id);
    await save().catch(() => undefined);
  };

  return {
    restore: async () => {
      const desired = await state.load();
      for (const { spec } of desired) instances.set(spec.id, createInstance(spec, deps));
      await Promise.all(
        desired.map(async ({ spec, stopping }) => {
          if (stopping) void stop(spec.id, spec.graceMs);
          else await instances.get(spec.id)?.begin();
        }),
      );
    },
    start: async (spec) => {
      const known = instances.get(spec.id);
      if (known !== undefined) return known.status();
      const instance = createInstance(spec, deps);
      instances.set(spec.id, instance);
      try {
        // Durable before it runs: a supervisor that dies now finds and adopts it.
        await save();
      } catch (error) {
        instances.delete(spec.id);
        throw error;
      }
      await instance.begin();
      return instance.status();
    },
    stop,
    list: () => [...instances.values()].map((one) => one.status()),
    stopAll: async (graceMs) => {
      await Promise.all([...instances.keys()].map((id) => stop(id, graceMs)));
    },
  };
}
