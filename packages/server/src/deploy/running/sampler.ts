import type { Store } from '../../store/index.ts';
import type { InstanceSampleRow } from '../../store/schema/running.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { between, type Reading, type Used } from './readings.ts';
import { COARSE_SECONDS, FINE_SECONDS, thin } from './thinning.ts';

/** Reads what instances use, every 15 s, and keeps it. */
export interface Sampler {
  start(): void;
  /** Resolves when nothing is being written any more. */
  stop(): Promise<void>;
  /** The newest reading of an instance with its rate; undefined where there is none that is still true. */
  newest(instanceUuid: string): (Reading & Used) | undefined;
  /** One reading of everything, now. Two at once share one. */
  sample(): Promise<void>;
}

export interface SamplerOptions {
  readonly store: Store;
  readonly runtime: Pick<Runtime, 'instances' | 'usage'>;
  /** Milliseconds since 1970; default the system's clock. */
  readonly now?: () => number;
  readonly onError: (error: unknown, context: string) => void;
}

/** A reading that is older says nothing about now: the instance is gone, or nobody could be asked. */
const STALE_MS = 3 * FINE_SECONDS * 1_000;

/**
 * One call to the runtime and one insert for all instances together, so that a hundred of them cost little more than one.
 * Rates come from two readings and survive in the rows; the readings themselves are only this process's.
 */
export function createSampler({
  store,
  runtime,
  now = Date.now,
  onError,
}: SamplerOptions): Sampler {
  const newest = new Map<string, Reading & Used>();
  let timer: NodeJS.Timeout | null = null;
  let working: Promise<void> | null = null;
  let thinned = 0;

  const read = async (): Promise<(Reading & Used)[]> => {
    const [instances, usages] = await Promise.all([runtime.instances(), runtime.usage()]);
    const at = now();
    return instances.map((instance) => {
      const usage = usages?.find((one) => one.instanceUuid === instance.instanceUuid) ?? null;
      const reading = { instance, usage, at };
      return { ...reading, ...between(newest.get(instance.instanceUuid), reading) };
    });
  };

  const once = async (): Promise<void> => {
    const readings = await read();
    newest.clear();
    for (const reading of readings) newest.set(reading.instance.instanceUuid, reading);
    const rows = readings.flatMap(rowOf);
    if (rows.length > 0) {
      await store.db
        .insertInto('instance_samples')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    await tellRestarts(readings);
    const stretch = Math.floor(now() / 1_000 / COARSE_SECONDS);
    if (stretch === thinned) return;
    await thin(store, now());
    thinned = stretch;
  };

  /** The rest of what people see of an instance changes with its deployment, which tells by itself. */
  const tellRestarts = async (readings: readonly (Reading & Used)[]): Promise<void> => {
    for (const { instance, restarts } of readings) {
      if (restarts === 0) continue;
      const environment = await store.db
        .selectFrom('environments')
        .select('application_uuid')
        .where('uuid', '=', instance.environmentUuid)
        .executeTakeFirst();
      const application = environment?.application_uuid ?? null;
      store.changes.emit({ kind: 'instance', id: instance.instanceUuid, application });
    }
  };

  const sample = (): Promise<void> => {
    working ??= once()
      .catch((error: unknown) => onError(error, 'reading what instances use'))
      .finally(() => {
        working = null;
      });
    return working;
  };

  return {
    sample,
    newest: (uuid) => {
      const reading = newest.get(uuid);
      return reading === undefined || now() - reading.at > STALE_MS ? undefined : reading;
    },
    start: () => {
      timer ??= setInterval(() => void sample(), FINE_SECONDS * 1_000);
      void sample();
    },
    stop: async () => {
      if (timer !== null) clearInterval(timer);
      timer = null;
      await working;
    },
  };
}

/** Nothing for a first reading, or where the runtime cannot tell. */
function rowOf({ instance, usage, at, cpuPercent, restarts }: Reading & Used): InstanceSampleRow[] {
  if (usage === null || cpuPercent === null) return [];
  return [
    {
      instance_uuid: instance.instanceUuid,
      environment_uuid: instance.environmentUuid,
      step: FINE_SECONDS,
      at: Math.floor(at / 1_000 / FINE_SECONDS) * FINE_SECONDS,
      cpu_percent: cpuPercent,
      memory_bytes: usage.memoryBytes,
      processes: usage.processes,
      restarts,
    },
  ];
}
