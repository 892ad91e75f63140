import type { BuildDetail, Build as BuildView, Job as JobView } from '@sluice/contract';
import type { Context } from './dependencies.ts';
import { undelivered } from './notifications/undelivered.ts';
import { redact } from './redact.ts';
import type { Build, Job } from './rows.ts';
import { waitsOf, wantedBy } from './runners/waiting.ts';
import { buildUrl, jobUrl } from './urls.ts';

export interface BuildFilter {
  /** Only builds of these; null: of every repository. */
  readonly repositoryUuids: readonly string[] | null;
  readonly sha?: string;
  readonly number?: number;
  readonly branch?: string;
  readonly state?: string;
}

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** Builds, newest first, and how many there are in all. */
export async function listBuilds(
  context: Context,
  filter: BuildFilter,
  page: Page,
): Promise<{ count: number; builds: BuildView[] }> {
  if (filter.repositoryUuids?.length === 0) return { count: 0, builds: [] };
  let query = context.store.db.selectFrom('builds');
  if (filter.repositoryUuids !== null) {
    query = query.where('repository_uuid', 'in', filter.repositoryUuids);
  }
  if (filter.sha !== undefined) {
    query = query.where('sha', '>=', filter.sha).where('sha', '<', `${filter.sha}g`);
  }
  if (filter.number !== undefined) query = query.where('number', '=', filter.number);
  if (filter.branch !== undefined) query = query.where('branch', '=', filter.branch);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  const { count } = await query
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  const rows = await query
    .selectAll()
    .orderBy('id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  const publicUrl = context.settings.publicUrl();
  return { count: Number(count), builds: rows.map((row) => buildView(row, publicUrl)) };
}

/** A build with everything its page shows; null when there is none. */
export async function getBuild(context: Context, buildId: number): Promise<BuildDetail | null> {
  const { store, settings } = context;
  const build = await store.db
    .selectFrom('builds')
    .selectAll()
    .where('id', '=', buildId)
    .executeTakeFirst();
  if (build === undefined) return null;
  const jobs = await store.db
    .selectFrom('jobs')
    .selectAll()
    .where('build_id', '=', buildId)
    .orderBy('number')
    .execute();
  const stages = await store.db
    .selectFrom('stages')
    .selectAll()
    .where('build_id', '=', buildId)
    .orderBy('position')
    .execute();
  const publicUrl = settings.publicUrl();
  const waits = await waitsOf(context, store.db, jobs);
  const views = jobs.map((job) => jobView(job, build.number, publicUrl, waits.get(job.id) ?? null));
  const deployments = await context.deploymentsOfCommit(build.repository_uuid, build.sha);
  return {
    ...buildView(build, publicUrl),
    config: JSON.parse(build.config) as BuildDetail['config'],
    messages: JSON.parse(build.messages) as BuildDetail['messages'],
    notices: [
      ...new Set([...views.flatMap((job) => job.notices), ...(await undelivered(store, buildId))]),
    ],
    stages: stages.map((stage) => ({
      name: stage.name,
      state: stage.state,
      jobs: jobs.filter((job) => job.stage_position === stage.position).map((job) => job.id),
    })),
    jobs: views,
    deployments: deployments.map((deployment) => ({ ...deployment })),
  };
}

export async function getJob(context: Context, jobId: number): Promise<JobView | null> {
  const job = await context.store.db
    .selectFrom('jobs')
    .selectAll()
    .where('id', '=', jobId)
    .executeTakeFirst();
  if (job === undefined) return null;
  const build = await context.store.db
    .selectFrom('builds')
    .select('number')
    .where('id', '=', job.build_id)
    .executeTakeFirstOrThrow();
  const waiting = await wantedBy(context, context.store.db, job);
  return jobView(job, build.number, context.settings.publicUrl(), waiting);
}

function buildView(build: Build, publicUrl: string): BuildView {
  const info = JSON.parse(build.commit_info) as { author?: { name?: string } };
  return {
    id: build.id,
    number: build.number,
    repository: build.repository_uuid,
    event: build.event,
    branch: build.branch,
    tag: build.tag,
    sha: build.sha,
    message: build.message,
    author: info.author?.name ?? null,
    state: build.state,
    verdict: build.verdict,
    error: build.error,
    url: buildUrl(publicUrl, build.id),
    canceled_by: build.canceled_by,
    restarted_by: build.restarted_by,
    created_at: build.created_at,
    started_at: build.started_at,
    finished_at: build.finished_at,
  };
}

export function jobView(
  job: Job,
  buildNumber: number,
  publicUrl: string,
  waitingFor: string | null,
): JobView {
  return {
    id: job.id,
    build: job.build_id,
    repository: job.repository_uuid,
    number: `${buildNumber}.${job.number}`,
    name: job.name,
    stage: job.stage_name,
    allow_failure: job.allow_failure === 1,
    state: job.state,
    verdict: job.verdict,
    attempt: job.attempt,
    reason: job.reason,
    exit_code: job.exit_code,
    notices: JSON.parse(job.notices) as string[],
    waiting_for: waitingFor,
    url: jobUrl(publicUrl, job.id),
    queued_at: job.queued_at,
    started_at: job.started_at,
    finished_at: job.finished_at,
    config: redact(JSON.parse(job.config)) as JobView['config'],
  };
}
