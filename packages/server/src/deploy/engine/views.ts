import type { Selectable } from 'kysely';
import type { Store } from '../../store/index.ts';
import type { DeploymentRow } from '../../store/schema/deploy.ts';

/** A deployment as the other rooms and the doors see it (spec/divio.md 1, 3.5). Times are ISO 8601. */
export interface DeploymentView {
  readonly uuid: string;
  readonly applicationUuid: string;
  readonly environmentUuid: string;
  /** Upper case, spec/ordering.md 2.5. */
  readonly status: string;
  /** Never null, never falls, 100 when it has ended. */
  readonly percent: number;
  /** Null exactly while `endedAt` is. */
  readonly success: boolean | null;
  readonly startedAt: string;
  readonly queuedAt: string | null;
  readonly runningAt: string | null;
  readonly endedAt: string | null;
  readonly buildMode: string;
  readonly target: string | null;
  readonly sha: string | null;
  readonly branch: string | null;
  readonly requestedBy: string | null;
  /** The one that took its place, whose outcome it mirrors. */
  readonly supersededBy: string | null;
  readonly reasonCode: string | null;
  readonly reason: string | null;
  readonly rule: string | null;
  /** The deployment that built the image, when it was another one. */
  readonly imageAdoptedFrom: string | null;
  readonly releaseUuid: string | null;
}

export interface DeploymentFilter {
  readonly applicationUuids?: readonly string[];
  readonly environmentUuids?: readonly string[];
  /** Upper case, spec/ordering.md 2.5. */
  readonly statuses?: readonly string[];
  /** R6 (spec/divio.md 6.1): unfinished ones after the finished, and not at all where none has finished. */
  readonly unfinishedLast?: boolean;
  /** Only those; of the ended ones the last to end comes first, whenever it was accepted, and before what it superseded. */
  readonly only?: 'ended' | 'unfinished';
  readonly offset: number;
  readonly limit: number;
}

type Row = Selectable<DeploymentRow> & {
  readonly superseder: string | null;
  readonly built_by: string | null;
};

export function createViews({ db }: Store) {
  const base = () =>
    db
      .selectFrom('deployments as d')
      .leftJoin('deployments as s', (join) =>
        join
          .onRef('s.environment_uuid', '=', 'd.environment_uuid')
          .onRef('s.number', '=', 'd.superseded_by'),
      )
      .leftJoin('releases as r', 'r.deployment_uuid', 'd.uuid')
      .leftJoin('images as i', 'i.uuid', 'r.image_uuid')
      .selectAll('d')
      .select(['s.uuid as superseder', 'i.deployment_uuid as built_by']);

  const get = async (uuid: string): Promise<DeploymentView | null> => {
    const row = await base().where('d.uuid', '=', uuid).executeTakeFirst();
    return row ? toView(row) : null;
  };

  const count = async (filter: DeploymentFilter, finished: boolean): Promise<number> => {
    let query = db.selectFrom('deployments').select(({ fn }) => fn.countAll<number>().as('count'));
    if (filter.applicationUuids)
      query = query.where('application_uuid', 'in', orNone(filter.applicationUuids));
    if (filter.environmentUuids)
      query = query.where('environment_uuid', 'in', orNone(filter.environmentUuids));
    if (filter.statuses) query = query.where('status', 'in', orNone(filter.statuses));
    if (finished || filter.only === 'ended') query = query.where('ended_at', 'is not', null);
    if (filter.only === 'unfinished') query = query.where('ended_at', 'is', null);
    return Number((await query.executeTakeFirstOrThrow()).count);
  };

  const list = async (
    filter: DeploymentFilter,
  ): Promise<{ count: number; deployments: DeploymentView[] }> => {
    // A caller that attaches to what it sees running must not see it before anything has finished.
    if (filter.unfinishedLast && (await count(filter, true)) === 0)
      return { count: 0, deployments: [] };
    let query = base();
    if (filter.applicationUuids)
      query = query.where('d.application_uuid', 'in', orNone(filter.applicationUuids));
    if (filter.environmentUuids)
      query = query.where('d.environment_uuid', 'in', orNone(filter.environmentUuids));
    if (filter.statuses) query = query.where('d.status', 'in', orNone(filter.statuses));
    if (filter.only === 'unfinished') query = query.where('d.ended_at', 'is', null);
    if (filter.only === 'ended')
      query = query
        .where('d.ended_at', 'is not', null)
        .orderBy('d.ended_at', 'desc')
        .orderBy((eb) => eb.case().when('d.status', '=', 'SUPERSEDED').then(1).else(0).end());
    if (filter.unfinishedLast)
      query = query.orderBy((eb) => eb.case().when('d.ended_at', 'is', null).then(1).else(0).end());
    const rows = await query
      .orderBy('d.started_at', 'desc')
      .orderBy('d.number', 'desc')
      .offset(filter.offset)
      .limit(filter.limit)
      .execute();
    return { count: await count(filter, false), deployments: rows.map(toView) };
  };

  return { get, list };
}

/** `in ()` is an error in PostgreSQL; no uuid is empty. */
const orNone = (uuids: readonly string[]): readonly string[] => (uuids.length === 0 ? [''] : uuids);

function toView(row: Row): DeploymentView {
  return {
    uuid: row.uuid,
    applicationUuid: row.application_uuid,
    environmentUuid: row.environment_uuid,
    status: row.status,
    percent: row.percent,
    success: row.success === null ? null : row.success === 1,
    startedAt: row.started_at,
    queuedAt: row.queued_at,
    runningAt: row.running_at,
    endedAt: row.ended_at,
    buildMode: row.build_mode,
    target: row.target,
    sha: row.sha,
    branch: row.branch,
    requestedBy: row.requested_by,
    supersededBy: row.superseder,
    reasonCode: row.reason_code,
    reason: row.reason,
    rule: row.rule,
    imageAdoptedFrom: row.built_by === row.uuid ? null : row.built_by,
    releaseUuid: row.release_uuid,
  };
}
