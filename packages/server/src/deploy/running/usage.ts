import type { Store } from '../../store/index.ts';
import type { InstanceSampleRow } from '../../store/schema/running.ts';
import { COARSE_SECONDS, FINE_KEPT_SECONDS, FINE_SECONDS } from './thinning.ts';

/** Sums over an environment's instances; one that was not there at a moment adds nothing. */
export interface UsageView {
  /** Seconds between two points. */
  readonly step: number;
  /** Oldest first. A stretch in which nothing ran, or nobody looked, has no point. */
  readonly points: readonly UsagePoint[];
}

export interface UsagePoint {
  readonly at: string;
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  readonly restarts: number;
}

/** More than a chart can show, or a reader's browser should be sent. */
const MOST_POINTS = 500;

/** What an environment used in the last `hours`. */
export async function environmentUsage(
  store: Store,
  environmentUuid: string,
  hours: number,
  nowMs: number,
): Promise<UsageView> {
  const seconds = Math.round(hours * 3_600);
  const now = Math.floor(nowMs / 1_000);
  const from = now - seconds;
  const read = (step: number, since: number) =>
    store.db
      .selectFrom('instance_samples')
      .selectAll()
      .where('environment_uuid', '=', environmentUuid)
      .where('step', '=', step)
      .where('at', '>=', since)
      .orderBy('at')
      .execute();
  if (seconds <= FINE_KEPT_SECONDS) {
    return { step: FINE_SECONDS, points: pointsOf(await read(FINE_SECONDS, from), FINE_SECONDS) };
  }
  // The stretch that is not over has no mean yet.
  const open = Math.floor(now / COARSE_SECONDS) * COARSE_SECONDS;
  const rows = [
    ...(await read(COARSE_SECONDS, from)).filter((row) => row.at < open),
    ...(await read(FINE_SECONDS, open)),
  ];
  const step = COARSE_SECONDS * Math.ceil(seconds / COARSE_SECONDS / MOST_POINTS);
  return { step, points: pointsOf(rows, step) };
}

interface InstanceSum {
  rows: number;
  cpu: number;
  memory: number;
  restarts: number;
}

/** The mean of each instance in a stretch, then the sum over the instances. */
function pointsOf(rows: readonly InstanceSampleRow[], step: number): UsagePoint[] {
  const stretches = new Map<number, Map<string, InstanceSum>>();
  for (const row of rows) {
    const at = Math.floor(row.at / step) * step;
    const instances = stretches.get(at) ?? new Map<string, InstanceSum>();
    stretches.set(at, instances);
    const sum = instances.get(row.instance_uuid) ?? { rows: 0, cpu: 0, memory: 0, restarts: 0 };
    instances.set(row.instance_uuid, sum);
    sum.rows += 1;
    sum.cpu += row.cpu_percent;
    sum.memory += row.memory_bytes;
    sum.restarts += row.restarts;
  }
  return [...stretches].map(([at, instances]) => {
    const sums = [...instances.values()];
    const total = (of: (sum: InstanceSum) => number) => sums.reduce((all, sum) => all + of(sum), 0);
    return {
      at: new Date(at * 1_000).toISOString(),
      cpuPercent: Math.round(total((sum) => sum.cpu / sum.rows) * 10) / 10,
      memoryBytes: Math.round(total((sum) => sum.memory / sum.rows)),
      restarts: total((sum) => sum.restarts),
    };
  });
}
