import type { Job as JobView } from '@sluice/contract';
import type { Context } from './dependencies.ts';
import type { Build } from './rows.ts';
import { waitsOf } from './runners/waiting.ts';
import { jobView } from './views.ts';

/** Who made a commit and when, as it was when its build was made. */
interface BuildPeople {
  readonly author: { readonly name: string; readonly email: string };
  readonly committer: { readonly name: string; readonly email: string };
  /** ISO 8601. */
  readonly committedAt: string;
}

/** A build together with its commit and the ids of its jobs, for lists that show them all. */
export interface BuildRecord {
  readonly id: number;
  readonly repositoryUuid: string;
  readonly number: number;
  readonly event: string;
  readonly branch: string;
  readonly tag: string | null;
  readonly sha: string;
  readonly message: string;
  readonly people: BuildPeople | null;
  readonly pullRequest: { readonly number: number; readonly title: string } | null;
  /** Normalised; encrypted values stand as `[secure]`. */
  readonly config: Record<string, unknown>;
  readonly state: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** Of all its jobs together; null while it is unfinished. */
  readonly durationSeconds: number | null;
  readonly jobIds: readonly number[];
}

interface BuildQuery {
  /** Null: of every repository. */
  readonly repositoryUuids: readonly string[] | null;
  readonly ids?: readonly number[];
  readonly number?: number;
  /** Only builds of a lower number. */
  readonly below?: number;
  readonly event?: string;
  readonly limit: number;
}

/** A push and what became of it: a build, or a reason why not. */
interface PushRecord {
  readonly id: number;
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly receivedAt: string;
  /** `build`, or the code of a refusal; null: not looked at yet. */
  readonly outcome: string | null;
  readonly buildId: number | null;
}

/** What lists over many builds read, with a fixed number of queries for a page. */
export interface History {
  builds(query: BuildQuery): Promise<BuildRecord[]>;
  /** The newest build of each of the repositories that has one. */
  newest(repositoryUuids: readonly string[]): Promise<BuildRecord[]>;
  /** The newest build of each branch, or of the one named, newest first; no tags and no pull requests. */
  branches(repositoryUuid: string, branch?: string): Promise<BuildRecord[]>;
  /** All jobs of these builds, or the jobs of these ids, in the order of their numbers. */
  jobs(
    query: { readonly buildIds: readonly number[] } | { readonly ids: readonly number[] },
  ): Promise<JobView[]>;
  /** Newest first. */
  pushes(repositoryUuid: string, limit: number): Promise<PushRecord[]>;
}

export function createHistory(context: Context): History {
  const { store, settings } = context;
  const { db } = store;

  const records = async (builds: readonly Build[]): Promise<BuildRecord[]> => {
    if (builds.length === 0) return [];
    const jobs = await db
      .selectFrom('jobs')
      .select(['id', 'build_id', 'started_at', 'finished_at'])
      .where(
        'build_id',
        'in',
        builds.map((build) => build.id),
      )
      .orderBy('build_id')
      .orderBy('number')
      .execute();
    return builds.map((build) => {
      const own = jobs.filter((job) => job.build_id === build.id);
      return record(build, own);
    });
  };

  const byIds = async (rows: readonly { readonly id: number | null }[]) => {
    const ids = rows.flatMap(({ id }) => (id === null ? [] : [id]));
    if (ids.length === 0) return [];
    return records(
      await db
        .selectFrom('builds')
        .selectAll()
        .where('id', 'in', ids)
        .orderBy('id', 'desc')
        .execute(),
    );
  };

  return {
    builds: async ({ repositoryUuids, ids, number, below, event, limit }) => {
      if (repositoryUuids?.length === 0 || ids?.length === 0) return [];
      let query = db.selectFrom('builds');
      if (repositoryUuids !== null) query = query.where('repository_uuid', 'in', repositoryUuids);
      if (ids !== undefined) query = query.where('id', 'in', ids);
      if (number !== undefined) query = query.where('number', '=', number);
      if (below !== undefined) query = query.where('number', '<', below);
      if (event !== undefined) query = query.where('event', '=', event);
      return records(await query.selectAll().orderBy('id', 'desc').limit(limit).execute());
    },

    newest: async (repositoryUuids) => {
      if (repositoryUuids.length === 0) return [];
      const rows = await db
        .selectFrom('repositories')
        .select(({ selectFrom }) =>
          selectFrom('builds')
            .select('builds.id')
            .whereRef('builds.repository_uuid', '=', 'repositories.uuid')
            .orderBy('builds.id', 'desc')
            .limit(1)
            .as('id'),
        )
        .where('uuid', 'in', repositoryUuids)
        .execute();
      return byIds(rows);
    },

    branches: async (repositoryUuid, branch) => {
      let query = db
        .selectFrom('builds')
        .select(({ fn }) => fn.max('id').as('id'))
        .where('repository_uuid', '=', repositoryUuid)
        .where('event', '!=', 'pull_request')
        .where('tag', 'is', null);
      if (branch !== undefined) query = query.where('branch', '=', branch);
      return byIds(await query.groupBy('branch').execute());
    },

    jobs: async (wanted) => {
      const [column, values] =
        'ids' in wanted
          ? (['jobs.id', wanted.ids] as const)
          : (['jobs.build_id', wanted.buildIds] as const);
      if (values.length === 0) return [];
      const rows = await db
        .selectFrom('jobs')
        .innerJoin('builds', 'builds.id', 'jobs.build_id')
        .selectAll('jobs')
        .select('builds.number as build_number')
        .where(column, 'in', values)
        .orderBy('jobs.build_id')
        .orderBy('jobs.number')
        .execute();
      const waits = await waitsOf(context, db, rows);
      return rows.map(({ build_number, ...job }) =>
        jobView(job, build_number, settings.publicUrl(), waits.get(job.id) ?? null),
      );
    },

    pushes: async (repositoryUuid, limit) => {
      const rows = await db
        .selectFrom('pushes')
        .selectAll()
        .where('repository_uuid', '=', repositoryUuid)
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        id: row.id,
        ref: row.ref,
        before: row.before_sha,
        after: row.after_sha,
        receivedAt: row.received_at,
        outcome: row.outcome,
        buildId: row.build_id,
      }));
    },
  };
}

interface Times {
  readonly id: number;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

function record(build: Build, jobs: readonly Times[]): BuildRecord {
  const people = JSON.parse(build.commit_info) as Partial<BuildPeople> | null;
  return {
    id: build.id,
    repositoryUuid: build.repository_uuid,
    number: build.number,
    event: build.event,
    branch: build.branch,
    tag: build.tag,
    sha: build.sha,
    message: build.message,
    people: people?.author && people.committer ? (people as BuildPeople) : null,
    pullRequest: readPullRequest(build.pull_request),
    config: JSON.parse(build.config) as Record<string, unknown>,
    state: build.state,
    startedAt: build.started_at,
    finishedAt: build.finished_at,
    durationSeconds: build.finished_at === null ? null : totalSeconds(jobs),
    jobIds: jobs.map((job) => job.id),
  };
}

function readPullRequest(text: string | null): BuildRecord['pullRequest'] {
  if (text === null) return null;
  const { number, title } = JSON.parse(text) as { number?: number; title?: string };
  return { number: number ?? 0, title: title ?? '' };
}

function totalSeconds(jobs: readonly Times[]): number {
  const milliseconds = jobs.reduce(
    (sum, { started_at, finished_at }) =>
      started_at === null || finished_at === null
        ? sum
        : sum + Math.max(0, Date.parse(finished_at) - Date.parse(started_at)),
    0,
  );
  return Math.round(milliseconds / 1000);
}
