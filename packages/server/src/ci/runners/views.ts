import type { RunnerView } from '@sluice/contract';
import type { RunnerRow } from '../../store/schema/runners.ts';
import type { Context } from '../dependencies.ts';
import { stateOf } from './machines.ts';
import { embeddedMachine } from './this-machine.ts';

/** Runners as people see them, with the jobs that they work on. The embedded one is not among `rows`. */
export async function runnerViews(
  context: Context,
  rows: readonly RunnerRow[],
): Promise<RunnerView[]> {
  const jobs = await jobsByRunner(context);
  return rows.map((row) => ({
    uuid: row.uuid,
    name: row.name,
    state: stateOf(row, context.now()),
    embedded: false,
    os: row.os,
    arch: row.arch,
    labels: JSON.parse(row.labels) as RunnerView['labels'],
    version: row.version,
    executor: row.executor,
    isolates: row.isolates === 1,
    slots: row.concurrency,
    ephemeral: row.ephemeral === 1,
    organisation: row.organisation_uuid,
    jobs: jobs.get(row.uuid) ?? [],
    jobs_taken: row.jobs_taken,
    created_at: row.created_at,
    created_by: row.created_by,
    last_seen_at: row.last_seen_at,
    paused_by: row.paused_by,
  }));
}

/** The runner inside the server; empty when it runs no jobs. */
export async function embeddedView(context: Context): Promise<RunnerView[]> {
  const embedded = context.settings.embedded?.() ?? null;
  if (embedded === null) return [];
  const { os, arch } = embeddedMachine(embedded.name, embedded.isolates);
  const view: RunnerView = {
    ...{ uuid: 'embedded', name: embedded.name, state: 'online', embedded: true },
    ...{ os, arch, labels: {}, version: embedded.version, executor: 'host' },
    ...{ isolates: embedded.isolates, slots: embedded.slots, ephemeral: false, organisation: null },
    jobs: (await jobsByRunner(context)).get(null) ?? [],
    ...{ jobs_taken: 0, created_at: null, created_by: null, last_seen_at: null, paused_by: null },
  };
  return [view];
}

/** Jobs at work by the runner that has them; null is the embedded one. */
async function jobsByRunner({ store }: Context): Promise<Map<string | null, RunnerView['jobs']>> {
  const rows = await store.db
    .selectFrom('jobs')
    .innerJoin('builds', 'builds.id', 'jobs.build_id')
    .select(['jobs.id', 'jobs.number', 'jobs.lease_runner_uuid', 'builds.number as build'])
    .where('jobs.state', '=', 'started')
    .orderBy('jobs.id')
    .execute();
  const found = new Map<string | null, RunnerView['jobs']>();
  for (const { id, number, build, lease_runner_uuid: runner } of rows) {
    const jobs = found.get(runner) ?? [];
    jobs.push({ id, number: `${build}.${number}` });
    found.set(runner, jobs);
  }
  return found;
}
