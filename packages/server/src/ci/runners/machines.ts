import type { Trx } from '../../store/index.ts';
import type { RunnerRow } from '../../store/schema/runners.ts';
import type { Machine, RunnerState } from './matching.ts';

type Reader = Pick<Trx, 'selectFrom'>;

/** Who has not been heard of for so long is offline. Idle runners ask every 20 s, busy ones say more often that they live. */
const OFFLINE_AFTER_MS = 75_000;

export type KnownMachine = Machine & { readonly uuid: string; readonly state: RunnerState };

/** The registered runners, as matching sees them. */
export async function readMachines(db: Reader, now: number): Promise<KnownMachine[]> {
  const rows = await db.selectFrom('runners').selectAll().orderBy('name').execute();
  return rows.map((row) => ({ ...machineOf(row), uuid: row.uuid, state: stateOf(row, now) }));
}

/** Processors of the registered runners. */
export async function readArches(db: Reader): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('runners').select('arch').distinct().execute();
  return new Set(rows.map(({ arch }) => arch));
}

export function machineOf(row: RunnerRow): Machine {
  return {
    name: row.name,
    os: row.os,
    arch: row.arch,
    labels: JSON.parse(row.labels) as Record<string, string>,
    isolates: row.isolates === 1,
    organisationUuid: row.organisation_uuid,
    embedded: false,
  };
}

export function stateOf(row: RunnerRow, now: number): RunnerState {
  const seen = row.last_seen_at === null ? null : Date.parse(row.last_seen_at);
  if (seen === null || now - seen > OFFLINE_AFTER_MS) return 'offline';
  if (row.draining === 1) return 'draining';
  return row.paused_at === null ? 'online' : 'paused';
}
