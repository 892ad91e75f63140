import { sql } from 'kysely';
import type { Store } from '../store/index.ts';
import type { JobRun } from './flaky.ts';
import type { Push } from './lead-time.ts';
import { DAY_MS, type Period } from './period.ts';
import type { Deployment } from './timeline.ts';

/** How far before a period its story is read: a rollback or a failure may lie there. */
const LOOK_BACK_MS = 180 * DAY_MS;

const iso = (at: number): string => new Date(at).toISOString();
const millis = (text: string | null): number | null => (text === null ? null : Date.parse(text));

/** The deployments of an environment that started, from half a year before `period` on, and what was live before those. */
export async function readDeployments(
  { db }: Store,
  environmentUuid: string,
  period: Period,
): Promise<{ deployments: Deployment[]; liveBefore: string | null }> {
  const since = iso(period.from - LOOK_BACK_MS);
  const switches = () =>
    db
      .selectFrom('deployment_events')
      .select(({ fn }) => ['deployment_uuid', fn.min<string>('at').as('at')])
      .where('environment_uuid', '=', environmentUuid)
      // Not a parameter: SQLite uses the partial index only for a text that it sees.
      .where('rule', '=', sql.lit('switch_committed'))
      .groupBy('deployment_uuid');
  const rows = await db
    .selectFrom('deployments as d')
    .leftJoin(switches().as('own'), 'own.deployment_uuid', 'd.uuid')
    .leftJoin('releases as r', 'r.uuid', 'd.release_uuid')
    .leftJoin(switches().as('origin'), 'origin.deployment_uuid', 'r.deployment_uuid')
    .select([
      'd.uuid',
      'd.number',
      'd.sha',
      'd.config_version',
      'd.rollback_release_uuid',
      'd.switched',
      'd.status',
      'd.ended_at',
      'own.at as switched_at',
      'r.deployment_uuid as origin_uuid',
      'r.config_version as release_config_version',
      'origin.at as origin_at',
    ])
    .where('d.environment_uuid', '=', environmentUuid)
    .where('d.started_at', '>=', since)
    .where('d.running_at', 'is not', null)
    .execute();
  const earlier = await db
    .selectFrom('deployments')
    .select('sha')
    .where('environment_uuid', '=', environmentUuid)
    .where('started_at', '<', since)
    .where('switched', '=', 1)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  const deployments = rows.flatMap((row): Deployment[] => {
    if (row.sha === null) return [];
    const failedAt = row.status === 'FAILED' ? millis(row.ended_at) : null;
    // One that failed after its switch has put back what was live before.
    const liveAt = row.switched === 1 && failedAt === null ? millis(row.switched_at) : null;
    if (failedAt === null && liveAt === null) return [];
    const { uuid, number, sha } = row;
    return [
      {
        ...{ uuid, number, sha, liveAt, failedAt },
        configVersion: row.release_config_version ?? row.config_version,
        isRollback: row.rollback_release_uuid !== null,
        originUuid: row.origin_uuid ?? uuid,
        originLiveAt: millis(row.origin_at) ?? liveAt ?? 0,
      },
    ];
  });
  return { deployments, liveBefore: earlier?.sha ?? null };
}

export async function readPushes(
  { db }: Store,
  repositoryUuid: string,
  period: Period,
): Promise<Push[]> {
  const rows = await db
    .selectFrom('pushes')
    .select(['after_sha', 'received_at'])
    .where('repository_uuid', '=', repositoryUuid)
    .where('received_at', '>=', iso(period.from - LOOK_BACK_MS))
    .orderBy('id')
    .execute();
  return rows.map((row) => ({ sha: row.after_sha, receivedAt: Date.parse(row.received_at) }));
}

/** A build that ended. */
export interface EndedBuild {
  readonly id: number;
  readonly number: number;
  readonly state: string;
  readonly endedAt: number;
  /** Null: nothing of it ran. */
  readonly startedAt: number | null;
  readonly queuedSeconds: number | null;
}

export async function readBuilds(
  { db }: Store,
  repositoryUuid: string,
  period: Period,
): Promise<EndedBuild[]> {
  const rows = await db
    .selectFrom('builds as b')
    .leftJoin('jobs as j', (join) =>
      join.onRef('j.build_id', '=', 'b.id').on('j.started_at', 'is not', null),
    )
    .select(({ fn }) => [
      'b.id',
      'b.number',
      'b.state',
      'b.started_at',
      'b.finished_at',
      fn.min<string | null>('j.queued_at').as('queued_at'),
      fn.min<string | null>('j.started_at').as('first_started_at'),
    ])
    .where('b.repository_uuid', '=', repositoryUuid)
    .where('b.finished_at', '>=', iso(period.from))
    .where('b.finished_at', '<', iso(period.to))
    .groupBy('b.id')
    .orderBy('b.finished_at')
    .execute();
  return rows.flatMap((row): EndedBuild[] => {
    const endedAt = millis(row.finished_at);
    if (endedAt === null) return [];
    const queued = millis(row.queued_at);
    const first = millis(row.first_started_at);
    return [
      {
        ...{ id: row.id, number: row.number, state: row.state, endedAt },
        startedAt: millis(row.started_at),
        queuedSeconds: queued === null || first === null ? null : Math.max(0, first - queued) / 1e3,
      },
    ];
  });
}

/** A run of a job that ended, with how long it had waited for a slot. */
export interface EndedRun extends JobRun {
  readonly queuedSeconds: number | null;
}

/** Also those that a restart has replaced since. */
export async function readRuns(
  { db }: Store,
  repositoryUuid: string,
  period: Period,
): Promise<EndedRun[]> {
  const current = await db
    .selectFrom('jobs as j')
    .innerJoin('builds as b', 'b.id', 'j.build_id')
    .select(['j.id', 'j.attempt', 'j.verdict', 'j.queued_at', 'j.started_at', 'j.finished_at'])
    .select(['j.number', 'j.stage_name', 'j.name', 'b.sha'])
    .where('j.repository_uuid', '=', repositoryUuid)
    .where('j.finished_at', '>=', iso(period.from))
    .where('j.finished_at', '<', iso(period.to))
    .where('j.verdict', 'is not', null)
    .execute();
  const past = await db
    .selectFrom('past_job_runs as p')
    .innerJoin('jobs as j', 'j.id', 'p.job_id')
    .innerJoin('builds as b', 'b.id', 'j.build_id')
    .select(['j.id', 'p.attempt', 'p.verdict', 'p.queued_at', 'p.started_at', 'p.finished_at'])
    .select(['j.number', 'j.stage_name', 'j.name', 'b.sha'])
    .where('p.repository_uuid', '=', repositoryUuid)
    .where('p.finished_at', '>=', iso(period.from))
    .where('p.finished_at', '<', iso(period.to))
    .execute();
  return [...current, ...past].flatMap((row): EndedRun[] => {
    const endedAt = millis(row.finished_at);
    if (endedAt === null) return [];
    const queued = millis(row.queued_at);
    const started = millis(row.started_at);
    return [
      {
        ...{ job: row.id, attempt: row.attempt, sha: row.sha, number: row.number },
        ...{ stage: row.stage_name, name: row.name, passed: row.verdict === 'passed', endedAt },
        queuedSeconds:
          queued === null || started === null ? null : Math.max(0, started - queued) / 1e3,
      },
    ];
  });
}

const AT_ONCE = 500;

/** The configurations of these jobs, as text to compare. */
export async function readConfigs(
  { db }: Store,
  jobs: readonly number[],
): Promise<Map<number, string>> {
  const configs = new Map<number, string>();
  for (let from = 0; from < jobs.length; from += AT_ONCE) {
    const rows = await db
      .selectFrom('jobs')
      .select(['id', 'config'])
      .where('id', 'in', jobs.slice(from, from + AT_ONCE))
      .execute();
    for (const row of rows) configs.set(row.id, row.config);
  }
  return configs;
}
