import type { InstanceRow } from '../../store/schema/deploy-pipeline.ts';
import type { PipelineDeps } from './deps.ts';
import { instancesOf, retireInstances } from './scale.ts';

/** Points all host names of the environment at these instances; `FenceLost` where another server has the right. */
export async function routeTo(
  deps: PipelineDeps,
  fence: number,
  rows: readonly InstanceRow[],
  environmentUuid: string,
  releaseUuid: string,
): Promise<void> {
  const backends = rows.flatMap(({ host: address, port }) =>
    port === null ? [] : [{ host: address, port }],
  );
  await deps.routing.serve(environmentUuid, {
    releaseUuid,
    version: fence,
    backends,
    status: 'serving',
  });
}

/**
 * After the route has changed: says in one transaction which instances serve, then drains and stops the others. What a
 * crash interrupts here, `heal` finishes.
 */
export async function settleOn(
  deps: PipelineDeps,
  environmentUuid: string,
  releaseUuid: string,
  serving: readonly InstanceRow[],
): Promise<number> {
  const uuids = serving.map((row) => row.uuid);
  const others = (await instancesOf(deps, environmentUuid)).filter(
    (row) => !uuids.includes(row.uuid),
  );
  const now = new Date().toISOString();
  await deps.store.transaction(async (trx) => {
    await trx
      .updateTable('instances')
      .set({ state: 'serving' })
      .where('uuid', 'in', uuids)
      .execute();
    if (others.length > 0) {
      await trx
        .updateTable('instances')
        .set({ state: 'retiring' })
        .where(
          'uuid',
          'in',
          others.map((row) => row.uuid),
        )
        .execute();
    }
    await trx
      .updateTable('releases')
      .set({ live_at: now })
      .where('uuid', '=', releaseUuid)
      .execute();
    await trx
      .updateTable('environment_state')
      .set({ stopped: 0 })
      .where('environment_uuid', '=', environmentUuid)
      .execute();
  });
  await retireInstances(deps, others);
  return others.length;
}
