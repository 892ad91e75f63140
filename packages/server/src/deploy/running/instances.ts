import type { Store } from '../../store/index.ts';
import type { ResourceLimits } from '../runtimes/limits.ts';
import type { InstanceExit } from '../runtimes/runtime.ts';
import type { Sampler } from './sampler.ts';
import { COARSE_SECONDS } from './thinning.ts';

/** An application's process (set) that is there, or is just going. */
export interface InstanceView {
  readonly uuid: string;
  readonly service: string;
  /** starting | serving | retiring */
  readonly state: string;
  readonly releaseUuid: string;
  readonly deploymentUuid: string;
  readonly sha: string | null;
  readonly createdAt: string;
  /** How often it ended by itself and was started again. */
  readonly restarts: number;
  /** Null where nobody could tell, or not yet. */
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
  readonly processes: number | null;
  /** What it was started with; null where nothing limits it, or nobody could tell. */
  readonly limits: ResourceLimits | null;
  readonly lastExit: InstanceExit | null;
}

/** What runs for an environment, the newest release first. */
export async function environmentInstances(
  store: Store,
  sampler: Pick<Sampler, 'newest' | 'sample'>,
  environmentUuid: string,
): Promise<InstanceView[]> {
  const rows = await store.db
    .selectFrom('instances as i')
    .leftJoin('releases as r', 'r.uuid', 'i.release_uuid')
    .selectAll('i')
    .select('r.sha')
    .where('i.environment_uuid', '=', environmentUuid)
    .where('i.state', '!=', 'stopped')
    .orderBy('i.created_at', 'desc')
    .execute();
  // One that was started since the last look: whoever opens its page wants to see it now.
  if (rows.some((row) => sampler.newest(row.uuid) === undefined)) await sampler.sample();
  const counted = await countedRestarts(
    store,
    rows.map((row) => row.uuid),
  );
  return rows.map((row) => {
    const reading = sampler.newest(row.uuid);
    return {
      uuid: row.uuid,
      service: row.service,
      state: row.state,
      releaseUuid: row.release_uuid,
      deploymentUuid: row.deployment_uuid,
      sha: row.sha,
      createdAt: row.created_at,
      // The supervisor forgets when it is started anew, the samples after a week.
      restarts: Math.max(reading?.instance.exits ?? 0, counted.get(row.uuid) ?? 0),
      cpuPercent: reading?.cpuPercent ?? null,
      memoryBytes: reading?.usage?.memoryBytes ?? null,
      processes: reading?.usage?.processes ?? null,
      limits: reading?.instance.limits ?? null,
      lastExit: reading?.instance.lastExit ?? null,
    };
  });
}

/** By instance: of the stretches that are over, and of the one that is not. */
async function countedRestarts(
  store: Store,
  uuids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (uuids.length === 0) return new Map();
  const open = Math.floor(Date.now() / 1_000 / COARSE_SECONDS) * COARSE_SECONDS;
  const rows = await store.db
    .selectFrom('instance_samples')
    .select(['instance_uuid', ({ fn }) => fn.sum<number>('restarts').as('restarts')])
    .where('instance_uuid', 'in', uuids)
    .where((of) => of.or([of('step', '=', COARSE_SECONDS), of('at', '>=', open)]))
    .groupBy('instance_uuid')
    .execute();
  return new Map(rows.map((row) => [row.instance_uuid, Number(row.restarts)]));
}
