import type { Build, Job } from './rows.ts';

/** Which archives a job may touch (spec/travis.md 8). */
export interface CacheScopes {
  /** In the order in which they are looked for. */
  readonly readable: readonly string[];
  /** Null: it may store none. */
  readonly own: string | null;
}

/**
 * Decides it. A pull request has a cache of its own, so that it can never change a branch's; a build that is not trusted
 * stores nothing at all (spec/faults.md 26).
 */
export function cacheScopes(build: Build, job: Job, defaultBranch: string | null): CacheScopes {
  const own = ownScope(build);
  const target = `branch:${build.branch}`;
  const fallbacks = [
    ...(build.tag === null ? [target] : []),
    ...(defaultBranch === null ? [] : [`branch:${defaultBranch}`]),
  ];
  const trusted = build.trusted === 1 && job.trusted === 1;
  return { readable: [...new Set([own, ...fallbacks])], own: trusted ? own : null };
}

function ownScope(build: Build): string {
  if (build.pull_request !== null) {
    const { number } = JSON.parse(build.pull_request) as { number: number };
    return `pull:${number}`;
  }
  return build.tag === null ? `branch:${build.branch}` : `tag:${build.tag}`;
}
