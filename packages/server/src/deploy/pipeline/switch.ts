import { setTimeout as pause } from 'node:timers/promises';
import { SluiceError } from '../../errors.ts';
import type { InstanceRow } from '../../store/schema/deploy-pipeline.ts';
import { FenceLost } from '../pipeline-types.ts';
import type { PipelineDeps } from './deps.ts';
import { instancesOf, retireInstances } from './scale.ts';

const KEEP_TRYING_MS = 60_000;

/**
 * Points the environment's host name at these instances. The environment's fence is the route's version: a server that
 * lost its right is refused (`FenceLost`). A router that is coming back is waited for.
 */
export async function routeTo(
  deps: PipelineDeps,
  host: string,
  fence: number,
  rows: readonly InstanceRow[],
  environmentUuid: string,
  releaseUuid: string,
): Promise<void> {
  const backends = rows.flatMap(({ host: address, port }) =>
    port === null ? [] : [{ host: address, port }],
  );
  const giveUpAt = Date.now() + KEEP_TRYING_MS;
  for (;;) {
    try {
      await deps.router.setRoute(host, {
        environmentUuid,
        releaseUuid,
        version: fence,
        backends,
        status: 'serving',
      });
      return;
    } catch (error) {
      if (error instanceof SluiceError && error.reason === 'stale_version') {
        throw new FenceLost(error.message, { cause: error });
      }
      const mayComeBack = error instanceof SluiceError && error.code === 'unavailable';
      if (!mayComeBack || Date.now() > giveUpAt) throw error;
      await pause(250);
    }
  }
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
