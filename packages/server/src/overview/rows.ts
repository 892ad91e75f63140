import { type NotNull, sql } from 'kysely';
import type { Store } from '../store/index.ts';

/** Every query of the overview, each for all applications at once. */

const RUNNING = ['PROVISIONING', 'BUILDING', 'RELEASING', 'SCALING', 'CHECKING', 'FINALIZING'];
/** The further along, the smaller; what was superseded is on nobody's way. */
const WAITING = ['QUEUED', 'AWAITING_BUILD', 'AWAITING_COMMIT'];
const ENDS_THAT_TELL = ['SUCCEEDED', 'FAILED', 'CANCELLED'];

/** `in ()` is an error in PostgreSQL; nothing is named by the empty text. */
const orNone = (values: readonly string[]): readonly string[] =>
  values.length === 0 ? [''] : values;

export type EnvironmentRows = Awaited<ReturnType<typeof environmentRows>>;

/** Environments with what is live in them, in their order. */
export function environmentRows({ db }: Store, applicationUuids: readonly string[]) {
  return db
    .selectFrom('environments as e')
    .innerJoin('applications as a', 'a.uuid', 'e.application_uuid')
    .innerJoin('repositories as r', 'r.uuid', 'a.repository_uuid')
    .leftJoin('environment_state as s', 's.environment_uuid', 'e.uuid')
    .leftJoin('releases as l', 'l.uuid', 's.live_release_uuid')
    .leftJoin('repository_refs as h', (join) =>
      join
        .onRef('h.repository_uuid', '=', 'a.repository_uuid')
        .on('h.ref', '=', sql<string>`'refs/heads/' || e.branch`),
    )
    .select(({ fn, selectFrom }) => [
      'e.uuid',
      'e.application_uuid',
      'e.slug',
      'e.branch',
      'e.auto_deploy',
      'e.require_build',
      'e.host_label',
      'a.repository_uuid',
      'r.ci_enabled',
      's.live_sha',
      's.live_deployment_uuid',
      's.hold_since',
      's.hold_by',
      's.hold_reason',
      's.stopped',
      'h.commit_sha as head',
      // Between the switch and the bookkeeping after it, the release itself does not know yet that it is live.
      fn
        .coalesce(
          'l.live_at',
          selectFrom('deployment_events as w')
            .select(({ fn }) => fn.max('w.at').as('at'))
            .whereRef('w.deployment_uuid', '=', 's.live_deployment_uuid')
            .where('w.rule', '=', sql.lit('switch_committed')),
        )
        .as('live_since'),
    ])
    .where('e.application_uuid', 'in', orNone(applicationUuids))
    .where('e.deleted_at', 'is', null)
    .orderBy('e.application_uuid')
    .orderBy('e.position')
    .execute();
}

/** What is on its way in each environment: the running deployment, else the one that comes next. */
export async function movingRows({ db }: Store, environmentUuids: readonly string[]) {
  const rows = await db
    .selectFrom('deployments')
    .select(['uuid', 'environment_uuid', 'status', 'percent', 'sha', 'number'])
    .where('environment_uuid', 'in', orNone(environmentUuids))
    .where('ended_at', 'is', null)
    .where('status', 'in', [...RUNNING, ...WAITING])
    .orderBy('number', 'desc')
    .execute();
  const rank = (status: string) => (RUNNING.includes(status) ? -1 : WAITING.indexOf(status));
  const found = new Map<string, (typeof rows)[number]>();
  for (const row of rows) {
    const before = found.get(row.environment_uuid);
    if (before === undefined || rank(row.status) < rank(before.status)) {
      found.set(row.environment_uuid, row);
    }
  }
  return found;
}

/** The newest deployment of each environment that ended in a way that says something about it: one look into an index each. */
export async function lastEnded({ db }: Store, environmentUuids: readonly string[]) {
  const rows = await db
    .selectFrom('environments as e')
    .innerJoin('deployments as d', (join) =>
      join.on(({ eb, selectFrom }) =>
        eb(
          'd.uuid',
          '=',
          selectFrom('deployments as n')
            .select('n.uuid')
            .whereRef('n.environment_uuid', '=', 'e.uuid')
            .where('n.status', 'in', ENDS_THAT_TELL)
            .where('n.ended_at', 'is not', null)
            .orderBy('n.ended_at', 'desc')
            .orderBy('n.number', 'desc')
            .limit(1),
        ),
      ),
    )
    .select(['d.uuid', 'd.environment_uuid', 'd.status', 'd.reason', 'd.ended_at'])
    .where('e.uuid', 'in', orNone(environmentUuids))
    .where('d.ended_at', 'is not', null)
    .$narrowType<{ ended_at: NotNull }>()
    .execute();
  return new Map(rows.map((row) => [row.environment_uuid, row]));
}

const BUILD_COLUMNS = [
  ...(['id', 'repository_uuid', 'number', 'state', 'branch', 'sha'] as const),
  ...(['created_at', 'started_at', 'finished_at'] as const),
] as const;
const MOST_BUILDS = 1_000;

/** Of each repository the newest build and those that have not finished, newest first. */
export async function buildRows({ db }: Store, repositoryUuids: readonly string[]) {
  const newest = await db
    .selectFrom('repositories as r')
    .innerJoin('builds', (join) =>
      join.on(({ eb, selectFrom }) =>
        eb(
          'builds.id',
          '=',
          selectFrom('builds as n')
            .select('n.id')
            .whereRef('n.repository_uuid', '=', 'r.uuid')
            .orderBy('n.id', 'desc')
            .limit(1),
        ),
      ),
    )
    .select(BUILD_COLUMNS.map((column) => `builds.${column}` as const))
    .where('r.uuid', 'in', orNone(repositoryUuids))
    .execute();
  const open = await db
    .selectFrom('builds')
    .select(BUILD_COLUMNS)
    .where('repository_uuid', 'in', orNone(repositoryUuids))
    .where('finished_at', 'is', null)
    .where('state', 'in', ['created', 'started'])
    .orderBy('id', 'desc')
    .limit(MOST_BUILDS)
    .execute();
  const all = new Map([...newest, ...open].map((row) => [row.id, row]));
  return [...all.values()].sort((a, b) => b.id - a.id).slice(0, MOST_BUILDS);
}

/** Instances that are to take requests or to work, by environment. */
export async function servingRows({ db }: Store, environmentUuids: readonly string[]) {
  const rows = await db
    .selectFrom('instances')
    .select(['uuid', 'environment_uuid'])
    .where('environment_uuid', 'in', orNone(environmentUuids))
    .where('state', '=', 'serving')
    .execute();
  return Map.groupBy(rows, (row) => row.environment_uuid);
}

/** Deployments of any of these commits in any of these environments, newest first. */
export function deploymentRows(
  { db }: Store,
  environmentUuids: readonly string[],
  shas: readonly string[],
) {
  return db
    .selectFrom('deployments')
    .select(['uuid', 'environment_uuid', 'sha', 'status', 'reason', 'reason_code', 'rule'])
    .select(['success', 'number'])
    .where('environment_uuid', 'in', orNone(environmentUuids))
    .where('sha', 'in', orNone(shas))
    .orderBy('number', 'desc')
    .execute();
}

/** When each of these commits first came as the head of a branch or tag. */
export async function pushedRows(
  { db }: Store,
  repositoryUuids: readonly string[],
  shas: readonly string[],
) {
  const rows = await db
    .selectFrom('pushes')
    .select(['repository_uuid', 'after_sha'])
    .select(({ fn }) => fn.min('received_at').as('at'))
    .where('repository_uuid', 'in', orNone(repositoryUuids))
    .where('after_sha', 'in', orNone(shas))
    .groupBy(['repository_uuid', 'after_sha'])
    .execute();
  return new Map(rows.map((row) => [`${row.repository_uuid} ${row.after_sha}`, row.at]));
}

/** The deciding test of each commit (spec/ordering.md 1), with its build where there was one. */
export async function testRows(
  { db }: Store,
  repositoryUuids: readonly string[],
  shas: readonly string[],
) {
  const rows = await db
    .selectFrom('commit_tests as t')
    .leftJoin('builds as b', 'b.id', 't.build_id')
    .select(['t.repository_uuid', 't.sha', 't.state', 't.updated_at', 'b.id'])
    .select(['b.number', 'b.state as build_state'])
    .where('t.repository_uuid', 'in', orNone(repositoryUuids))
    .where('t.sha', 'in', orNone(shas))
    .where('t.event', 'in', ['push', 'api', 'cron'])
    .orderBy('t.build_number')
    .orderBy('t.updated_at')
    .execute();
  // The last one of each stays.
  return new Map(rows.map((row) => [`${row.repository_uuid} ${row.sha}`, row]));
}
