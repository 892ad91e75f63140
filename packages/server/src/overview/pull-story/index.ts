import { createWhy, type WhyView } from '../../deploy/why/why.ts';
import type { PullRequestRow } from '../../store/schema/pull-requests.ts';
import type { OverviewDeps } from '../deps.ts';
import type { PlaceFacts } from './places.ts';
import { type PullStory, pullStory } from './story.ts';

const MOST_DEPLOYMENTS = 100;

/** What became of a pull request in one application, from rows that others wrote. */
export function createPullStory({ store, git }: Pick<OverviewDeps, 'store' | 'git'>) {
  const { db } = store;
  const why = createWhy({ store, git });

  const pushed = async ({ repository_uuid, head_sha, head_ref, is_fork }: PullRequestRow) => {
    let query = db
      .selectFrom('pushes as p')
      .leftJoin('users as u', 'u.uuid', 'p.pusher_uuid')
      .select(['p.received_at as at', 'u.email as by'])
      .where('p.repository_uuid', '=', repository_uuid)
      .where('p.after_sha', '=', head_sha);
    // A fork may call its branch as one of ours is called.
    if (is_fork === 0) query = query.where('p.ref', '=', `refs/heads/${head_ref}`);
    return (await query.orderBy('p.id', 'desc').limit(1).executeTakeFirst()) ?? null;
  };

  const approvedAt = async (pull: PullRequestRow): Promise<string | null> => {
    const row = await db
      .selectFrom('known_authors')
      .select('approved_at')
      .where('repository_uuid', '=', pull.repository_uuid)
      .where('provider', '=', pull.provider)
      .where('author_id', '=', pull.author_id)
      .executeTakeFirst();
    return row?.approved_at ?? null;
  };

  const requestedAt = async ({ build_request: request }: PullRequestRow) => {
    if (request === null) return null;
    const row = await db
      .selectFrom('pull_builds')
      .select('created_at')
      .where('request', '=', request)
      .executeTakeFirst();
    return row?.created_at ?? null;
  };

  const build = async ({ build_id: id }: PullRequestRow) => {
    if (id === null) return null;
    const row = await db
      .selectFrom('builds')
      .select(['number', 'created_at as createdAt', 'finished_at as finishedAt'])
      .where('id', '=', id)
      .executeTakeFirst();
    return row ?? null;
  };

  /** The environment of its preview, and those that follow its base. */
  const environments = (applicationUuid: string, pull: PullRequestRow) =>
    db
      .selectFrom('environments as e')
      .leftJoin('previews as p', 'p.environment_uuid', 'e.uuid')
      .leftJoin('environment_state as s', 's.environment_uuid', 'e.uuid')
      .select(['e.uuid', 'e.slug', 's.live_sha as live', 'p.head_sha as previewed'])
      .where('e.application_uuid', '=', applicationUuid)
      .where('e.deleted_at', 'is', null)
      .where(({ and, eb, or }) =>
        or([
          eb('p.pull_request_uuid', '=', pull.uuid),
          and([eb('p.environment_uuid', 'is', null), eb('e.branch', '=', pull.base_ref)]),
        ]),
      )
      .orderBy('e.position')
      .execute();

  const placeOf = async (
    environment: Awaited<ReturnType<typeof environments>>[number],
    pull: PullRequestRow,
    views: ReadonlyMap<string, WhyView>,
  ): Promise<PlaceFacts> => {
    const { slug, previewed, live } = environment;
    const sha = previewed ?? pull.merged_sha;
    const of = { slug, isPreview: previewed !== null };
    const view = sha === null ? undefined : views.get(sha);
    const answer = view?.environments.find((one) => one.slug === slug);
    if (sha === null || view === undefined || answer === undefined) {
      return { ...of, why: null, events: [], carrier: null, isIn: false };
    }
    const history = git.history(pull.repository_uuid);
    return {
      ...of,
      why: { ...answer, sha },
      events: view.events.filter((event) => event.environment === slug),
      carrier: await carrierOf(environment.uuid, pull, sha),
      isIn: live !== null && (live === sha || (await history.isAncestor(sha, live))),
    };
  };

  /** Whatever had the commit in it before is not why it is live. */
  const carrierOf = async (environmentUuid: string, pull: PullRequestRow, sha: string) => {
    const rows = await db
      .selectFrom('deployments')
      .select(['uuid', 'sha', 'ended_at'])
      .where('environment_uuid', '=', environmentUuid)
      .where('status', '=', 'SUCCEEDED')
      .where('ended_at', '>=', pull.ended_at ?? pull.created_at)
      .orderBy('number')
      .limit(MOST_DEPLOYMENTS)
      .execute();
    const history = git.history(pull.repository_uuid);
    for (const row of rows) {
      if (row.sha === null || row.ended_at === null) continue;
      if (row.sha !== sha && !(await history.isAncestor(sha, row.sha))) continue;
      return { uuid: row.uuid, sha: row.sha, at: row.ended_at };
    }
    return null;
  };

  return async (applicationUuid: string, pull: PullRequestRow): Promise<PullStory> => {
    const rows = await environments(applicationUuid, pull);
    const shas = new Set(
      [pull.merged_sha, ...rows.map((row) => row.previewed)].filter((sha) => sha !== null),
    );
    const views = new Map<string, WhyView>();
    for (const sha of shas) views.set(sha, await why(applicationUuid, sha));
    const ordered = [...rows].sort((a, b) => Number(!a.previewed) - Number(!b.previewed));
    const places: PlaceFacts[] = [];
    for (const row of ordered) places.push(await placeOf(row, pull, views));
    return pullStory({
      pull,
      pushed: await pushed(pull),
      present: await git.history(pull.repository_uuid).present(pull.head_sha),
      approvedAt: await approvedAt(pull),
      requestedAt: await requestedAt(pull),
      build: await build(pull),
      places,
    });
  };
}
