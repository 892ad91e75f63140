import { sql } from 'kysely';
import type { Store } from '../../store/index.ts';

/** Samples are kept as they were read for two hours, then as means of five minutes for seven days. */
export const FINE_SECONDS = 15;
export const COARSE_SECONDS = 300;
export const FINE_KEPT_SECONDS = 2 * 60 * 60;
const COARSE_KEPT_SECONDS = 7 * 24 * 60 * 60;

/**
 * Makes the means of the stretches that are over, and removes what is old. Run it as often as you like: a mean that was
 * made is not made again.
 */
export async function thin(store: Store, nowMs: number): Promise<void> {
  const now = Math.floor(nowMs / 1_000);
  const closed = Math.floor(now / COARSE_SECONDS) * COARSE_SECONDS;
  // Literal, for a bound number is a real one, whose division has no remainder to cut off.
  const stretch = sql.lit(COARSE_SECONDS);
  await store.transaction(async (trx) => {
    await sql`
      insert into instance_samples
        (instance_uuid, environment_uuid, step, at, cpu_percent, memory_bytes, processes, restarts)
      select instance_uuid, environment_uuid, ${stretch}, at - at % ${stretch} as stretch,
        round(cast(avg(cpu_percent) as numeric), 1), cast(avg(memory_bytes) as integer), max(processes), sum(restarts)
      from instance_samples
      where step = ${FINE_SECONDS} and at < ${closed}
      group by instance_uuid, environment_uuid, stretch
      on conflict do nothing`.execute(trx);
    await trx
      .deleteFrom('instance_samples')
      .where('step', '=', FINE_SECONDS)
      .where('at', '<', closed - FINE_KEPT_SECONDS)
      .execute();
    await trx
      .deleteFrom('instance_samples')
      .where('step', '=', COARSE_SECONDS)
      .where('at', '<', now - COARSE_KEPT_SECONDS)
      .execute();
  });
}
