import { redact } from '../redact.ts';
import type { Build } from '../rows.ts';
import type { Outcome } from '../states.ts';
import { buildUrl, jobUrl } from '../urls.ts';

/** What is told of a build: the JSON that receivers written for Travis know (spec/travis.md 9). */
export type Payload = ReturnType<typeof payloadOf>;

export interface PayloadFacts {
  readonly build: Build;
  readonly repository: { readonly id: number; readonly slug: string };
  readonly jobs: readonly {
    readonly id: number;
    readonly number: number;
    readonly state: string;
    readonly config: string;
    readonly allow_failure: number;
    readonly started_at: string | null;
    readonly finished_at: string | null;
  }[];
  readonly outcome: Outcome | null;
  readonly previous: Outcome | null;
  readonly publicUrl: string;
}

interface CommitInfo {
  readonly author?: { readonly name?: string; readonly email?: string };
  readonly committer?: { readonly name?: string; readonly email?: string };
  readonly committedAt?: string;
}

export function payloadOf(facts: PayloadFacts) {
  const { build, repository, outcome, publicUrl } = facts;
  const info = JSON.parse(build.commit_info) as CommitInfo;
  const pull =
    build.pull_request === null
      ? null
      : (JSON.parse(build.pull_request) as { number: number; title?: string });
  const [owner = '', name = ''] = repository.slug.split('/');
  const status = outcome === null ? null : outcome === 'passed' ? 0 : 1;
  const words = statusMessage(outcome, facts.previous);
  return {
    id: build.id,
    number: String(build.number),
    config: JSON.parse(build.config) as unknown,
    type: build.event,
    state: outcome ?? 'started',
    status,
    result: status,
    status_message: words,
    result_message: words,
    started_at: build.started_at,
    finished_at: outcome === null ? null : build.finished_at,
    duration: outcome === null ? null : secondsBetween(build.started_at, build.finished_at),
    build_url: buildUrl(publicUrl, build.id),
    commit_id: build.id,
    commit: build.sha,
    base_commit: null,
    head_commit: null,
    branch: build.branch,
    message: build.message,
    // There is no page that compares; the build's names both commits.
    compare_url: buildUrl(publicUrl, build.id),
    committed_at: info.committedAt ?? null,
    author_name: info.author?.name ?? null,
    author_email: info.author?.email ?? null,
    committer_name: info.committer?.name ?? null,
    committer_email: info.committer?.email ?? null,
    pull_request: pull !== null,
    pull_request_number: pull?.number ?? null,
    pull_request_title: pull?.title ?? null,
    tag: build.tag,
    repository: {
      id: repository.id,
      name,
      owner_name: owner,
      url: `${publicUrl}/${repository.slug}`,
    },
    matrix: facts.jobs.map((job) => ({
      id: job.id,
      repository_id: repository.id,
      parent_id: build.id,
      number: `${build.number}.${job.number}`,
      state: job.state,
      status: job.state === 'passed' ? 0 : 1,
      result: job.state === 'passed' ? 0 : 1,
      config: redact(JSON.parse(job.config)),
      commit: build.sha,
      branch: build.branch,
      message: build.message,
      allow_failure: job.allow_failure === 1,
      started_at: job.started_at,
      finished_at: job.finished_at,
      url: jobUrl(publicUrl, job.id),
    })),
  };
}

function statusMessage(outcome: Outcome | null, previous: Outcome | null): string {
  if (outcome === null) return 'Pending';
  if (outcome === 'canceled') return 'Canceled';
  if (outcome === 'errored') return 'Errored';
  const wasBad = previous === 'failed' || previous === 'errored';
  if (outcome === 'passed') return wasBad ? 'Fixed' : 'Passed';
  if (previous === 'passed') return 'Broken';
  return wasBad ? 'Still Failing' : 'Failed';
}

function secondsBetween(start: string | null, end: string | null): number {
  if (start === null || end === null) return 0;
  return Math.max(0, Math.round((Date.parse(end) - Date.parse(start)) / 1_000));
}
