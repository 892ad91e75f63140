import type { EngineDeps, Who } from './context.ts';
import type { Transit } from './transition.ts';

/**
 * Ends what is under way in an environment that was removed, each with its reason. To be called when the removal is
 * written: from then on no signal comes in, so what is found here is all there will be. The one that runs ends when
 * its pipeline has stopped; those that it had superseded end with it.
 */
export async function closeEnvironment(
  { store }: EngineDeps,
  transit: Transit,
  environmentUuid: string,
  who: Who,
): Promise<void> {
  const asked = new Set<number>();
  for (;;) {
    // One that fails meanwhile may bring another back (3.5), so look again until there is nobody left to ask.
    const rows = await store.db
      .selectFrom('deployments')
      .select('number')
      .where('environment_uuid', '=', environmentUuid)
      .where('ended_at', 'is', null)
      .where('status', '!=', 'SUPERSEDED')
      .where('cancel_requested_by', 'is', null)
      .orderBy('number')
      .execute();
    const next = rows.find((row) => !asked.has(row.number));
    if (next === undefined) return;
    asked.add(next.number);
    await transit(environmentUuid, { kind: 'cancel', number: next.number, by: who.email });
  }
}
