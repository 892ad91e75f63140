import type { Store } from '../../store/index.ts';

/** Something that happened to a commit besides the decisions about its deployments. */
export interface Milestone {
  readonly kind: 'pushed' | 'build_began' | 'build_ended' | 'asked';
  readonly at: string;
  /** Who did it; null for what nobody did by hand, such as a fetch. */
  readonly by: string | null;
  /** A branch or tag, the state of a build, or how it was asked for. */
  readonly detail: string;
  /** Slug; of `asked` alone. */
  readonly environment: string | null;
  readonly deployment: string | null;
}

const MOST = 200;

/** Oldest first. A commit that was pushed below another one was pushed with that, which nobody records. */
export async function milestonesOf(
  store: Store,
  commit: {
    readonly applicationUuid: string;
    readonly repositoryUuid: string;
    readonly sha: string;
  },
): Promise<Milestone[]> {
  const all = await Promise.all([
    pushes(store, commit.repositoryUuid, commit.sha),
    builds(store, commit.repositoryUuid, commit.sha),
    signals(store, commit.applicationUuid, commit.sha),
  ]);
  return all.flat().sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

async function pushes({ db }: Store, repositoryUuid: string, sha: string): Promise<Milestone[]> {
  const rows = await db
    .selectFrom('pushes as p')
    .leftJoin('users as u', 'u.uuid', 'p.pusher_uuid')
    .select(['p.ref', 'p.received_at', 'u.email'])
    .where('p.repository_uuid', '=', repositoryUuid)
    .where('p.after_sha', '=', sha)
    .orderBy('p.id')
    .limit(MOST)
    .execute();
  return rows.map((row) => ({
    ...{ kind: 'pushed', at: row.received_at, by: row.email, environment: null, deployment: null },
    detail: row.ref.replace(/^refs\/(heads|tags)\//, ''),
  }));
}

async function builds({ db }: Store, repositoryUuid: string, sha: string): Promise<Milestone[]> {
  const rows = await db
    .selectFrom('builds')
    .select(['created_at', 'finished_at', 'state', 'number'])
    .where('repository_uuid', '=', repositoryUuid)
    .where('sha', '=', sha)
    .orderBy('id')
    .limit(MOST)
    .execute();
  const none = { by: null, environment: null, deployment: null };
  return rows.flatMap((row): Milestone[] => [
    { ...none, kind: 'build_began', at: row.created_at, detail: String(row.number) },
    ...(row.finished_at === null
      ? []
      : [{ ...none, kind: 'build_ended' as const, at: row.finished_at, detail: row.state }]),
  ]);
}

async function signals({ db }: Store, applicationUuid: string, sha: string): Promise<Milestone[]> {
  const rows = await db
    .selectFrom('signals as s')
    .innerJoin('deployments as d', 'd.uuid', 's.deployment_uuid')
    .innerJoin('environments as e', 'e.uuid', 's.environment_uuid')
    .select(['s.arrived_at', 's.user_email', 's.via', 'e.slug', 'd.uuid'])
    .where('d.application_uuid', '=', applicationUuid)
    .where('d.sha', '=', sha)
    .where('e.deleted_at', 'is', null)
    .orderBy('s.arrived_at')
    .limit(MOST)
    .execute();
  return rows.map((row) => ({
    ...{ kind: 'asked', at: row.arrived_at, by: row.user_email, detail: row.via },
    ...{ environment: row.slug, deployment: row.uuid },
  }));
}
