import { randomUUID } from 'node:crypto';
import type { InstanceRow } from '../../store/schema/deploy-pipeline.ts';
import type { BuiltImage } from '../runtimes/runtime.ts';
import type { Target } from './context.ts';
import type { PipelineDeps } from './deps.ts';

/** What is needed to start instances: of a deployment, of a restart, or to heal. */
export interface Scaling {
  readonly deps: PipelineDeps;
  readonly target: Target;
  readonly imageUuid: string;
  readonly image: BuiltImage;
  readonly releaseUuid: string;
  readonly deploymentUuid: string;
  readonly signal: AbortSignal;
  readonly say: (text: string) => Promise<void>;
}

/** Starts the instances of each service next to whatever runs. Rows come first: nothing runs that nobody knows of. */
export async function startInstances(scaling: Scaling): Promise<InstanceRow[]> {
  const { deps, target } = scaling;
  const rows: InstanceRow[] = [];
  for (const { name, takesRequests } of deps.runtime.services(scaling.image)) {
    const count = takesRequests ? target.environment.instances : 1;
    for (let number = 1; number <= count; number += 1) {
      scaling.signal.throwIfAborted();
      const row: InstanceRow = {
        uuid: randomUUID(),
        environment_uuid: target.environment.uuid,
        release_uuid: scaling.releaseUuid,
        deployment_uuid: scaling.deploymentUuid,
        service: name,
        host: '127.0.0.1',
        port: null,
        state: 'starting',
        created_at: new Date().toISOString(),
        stopped_at: null,
      };
      await deps.store.db.insertInto('instances').values(row).execute();
      const started = await startInstance(scaling, row);
      rows.push(started);
      const where = started.port === null ? '' : ` on port ${started.port}`;
      const which = count === 1 ? '' : ` ${number} of ${count}`;
      await scaling.say(`Started ${name}${which} (${row.uuid})${where}.`);
    }
  }
  return rows;
}

/** Starts the instance of a row, on the row's port if it had one, and keeps its address in the row. */
export async function startInstance(scaling: Scaling, row: InstanceRow): Promise<InstanceRow> {
  const { deps, target, image, imageUuid } = scaling;
  const service = deps.runtime.services(image).find((one) => one.name === row.service);
  const { host, port } = await deps.runtime.start({
    instanceUuid: row.uuid,
    environmentUuid: row.environment_uuid,
    imageUuid,
    image,
    service: service ?? { name: row.service, takesRequests: false },
    variables: target.variables,
    mounts: target.mounts,
    limits: target.environment.limits,
    port: row.port,
    graceMs: deps.limits.stopGraceMs,
  });
  await deps.store.db
    .updateTable('instances')
    .set({ host, port })
    .where('uuid', '=', row.uuid)
    .execute();
  return { ...row, host, port };
}

/** The sanity test of each new instance (spec/divio.md 3.2); one that fails fails all. */
export async function checkInstances(
  scaling: Scaling,
  rows: readonly InstanceRow[],
): Promise<InstanceRow[]> {
  const { deps, target } = scaling;
  const failed = new AbortController();
  const signal = AbortSignal.any([scaling.signal, failed.signal]);
  const checks = rows.map(async (row) => {
    const { host, summary } = await deps.runtime.probe({
      instanceUuid: row.uuid,
      environmentUuid: row.environment_uuid,
      started: { host: row.host, port: row.port },
      hostName: target.mainHost,
      timing: deps.limits.probe,
      signal,
    });
    await scaling.say(`${row.service}: ${summary}`);
    if (host === row.host) return row;
    await deps.store.db
      .updateTable('instances')
      .set({ host })
      .where('uuid', '=', row.uuid)
      .execute();
    return { ...row, host };
  });
  try {
    return await Promise.all(checks);
  } catch (error) {
    failed.abort();
    await Promise.allSettled(checks);
    throw error;
  }
}

/** Ends instances and says so in their rows. */
export async function stopInstances(
  deps: PipelineDeps,
  rows: readonly InstanceRow[],
): Promise<void> {
  await Promise.all(
    rows.map(async (row) => {
      await deps.runtime.stop(row.uuid, deps.limits.stopGraceMs);
      await deps.store.db
        .updateTable('instances')
        .set({ state: 'stopped', stopped_at: new Date().toISOString() })
        .where('uuid', '=', row.uuid)
        .execute();
    }),
  );
}

/** Lets requests in hand finish, then ends the instances. No route names them any more. */
export async function retireInstances(
  deps: PipelineDeps,
  rows: readonly InstanceRow[],
): Promise<void> {
  await Promise.all(
    rows.map(async (row) => {
      if (row.port === null) return;
      const host = row.host.includes(':') ? `[${row.host}]` : row.host;
      await deps.router.drained(`${host}:${row.port}`, deps.limits.drainMs);
    }),
  );
  await stopInstances(deps, rows);
}

export function instancesOf(deps: PipelineDeps, environmentUuid: string): Promise<InstanceRow[]> {
  return deps.store.db
    .selectFrom('instances')
    .selectAll()
    .where('environment_uuid', '=', environmentUuid)
    .where('state', '!=', 'stopped')
    .orderBy('created_at')
    .execute();
}
