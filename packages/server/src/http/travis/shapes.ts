import { createHash } from 'node:crypto';
import type {
  Job,
  TravisBuild,
  TravisCommit,
  TravisEnvVar,
  TravisHook,
  TravisJob,
  TravisRepository,
  TravisUser,
} from '@sluice/contract';
import type { User } from '../../accounts/index.ts';
import type { BuildRecord, SettingsVariable } from '../../ci/index.ts';
import type { Repository } from '../../git/types.ts';
import { numberOf } from './numbers.ts';

/** One machine serves every job; clients print the name and nothing else. */
const QUEUE = 'builds.sluice';

export function repositoryShape(
  repository: Repository,
  last: BuildRecord | undefined,
  isAdmin: boolean,
): TravisRepository {
  const language = last?.config['language'];
  return {
    id: repository.id,
    slug: repository.slug,
    active: repository.ciEnabled,
    private: repository.isPrivate,
    admin: isAdmin,
    description: null,
    last_build_id: last?.id ?? null,
    last_build_number: last === undefined ? null : String(last.number),
    last_build_state: last?.state ?? null,
    last_build_duration: last?.durationSeconds ?? null,
    last_build_started_at: last?.startedAt ?? null,
    last_build_finished_at: last?.finishedAt ?? null,
    last_build_language: typeof language === 'string' ? language : null,
    github_language: null,
  };
}

export function hookShape(repository: Repository, isAdmin: boolean): TravisHook {
  const [owner = '', name = ''] = repository.slug.split('/');
  return {
    id: repository.id,
    name,
    owner_name: owner,
    description: null,
    active: repository.ciEnabled,
    private: repository.isPrivate,
    admin: isAdmin,
  };
}

export function buildShape(build: BuildRecord, repositoryId: number): TravisBuild {
  return {
    id: build.id,
    repository_id: repositoryId,
    commit_id: build.id,
    number: String(build.number),
    pull_request: build.pullRequest !== null,
    pull_request_number: build.pullRequest?.number ?? null,
    pull_request_title: build.pullRequest?.title ?? null,
    config: build.config,
    state: build.state,
    started_at: build.startedAt,
    finished_at: build.finishedAt,
    duration: build.durationSeconds,
    job_ids: [...build.jobIds],
  };
}

/** A commit as one build saw it. It has no number of its own here, so it goes by its build's. */
export function commitShape(build: BuildRecord, publicUrl: string): TravisCommit {
  const { people } = build;
  return {
    id: build.id,
    sha: build.sha,
    branch: build.branch,
    message: build.message,
    committed_at: people === null ? null : utc(people.committedAt),
    author_name: people?.author.name ?? null,
    author_email: people?.author.email ?? null,
    committer_name: people?.committer.name ?? null,
    committer_email: people?.committer.email ?? null,
    // There is no page that compares commits; this one shows what the commit came to.
    compare_url: `${publicUrl}/builds/${build.id}`,
  };
}

export function jobShape(job: Job, repositoryId: number): TravisJob {
  return {
    id: job.id,
    repository_id: repositoryId,
    build_id: job.build,
    commit_id: job.build,
    log_id: job.id,
    number: job.number,
    config: job.config,
    state: job.state,
    started_at: job.started_at,
    finished_at: job.finished_at,
    queue: QUEUE,
    allow_failure: job.allow_failure,
    tags: null,
    annotation_ids: [],
  };
}

export function userShape(user: User): TravisUser {
  const id = numberOf(user.uuid);
  const name = `${user.firstName} ${user.lastName}`.trim();
  return {
    id,
    login: user.email,
    name: name === '' ? user.email : name,
    email: user.email,
    gravatar_id: createHash('md5').update(user.email.trim().toLowerCase()).digest('hex'),
    locale: 'en',
    // Repositories are made here, so there is nothing to wait for.
    is_syncing: false,
    synced_at: user.createdAt,
    correct_scopes: true,
    channels: [`user-${id}`],
  };
}

export function envVarShape(variable: SettingsVariable, repositoryId: number): TravisEnvVar {
  return {
    id: variable.uuid,
    name: variable.name,
    value: variable.value,
    public: variable.isPublic,
    branch: variable.branch,
    repository_id: repositoryId,
  };
}

/** Git keeps the author's offset; the API speaks UTC. */
function utc(time: string): string | null {
  const milliseconds = Date.parse(time);
  return Number.isNaN(milliseconds) ? null : new Date(milliseconds).toISOString();
}
