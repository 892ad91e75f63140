import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** What the CI service around us has tested. */
export type Tested =
  | {
      readonly kind: 'commit';
      readonly commit: string;
      /** Which variable said so. */
      readonly variable: string;
    }
  /**
   * A pull request. Its commit is none of the branch, often a merge that exists nowhere else, so there is nothing
   * to deploy (spec/ordering.md 2.2).
   */
  | { readonly kind: 'pull_request'; readonly variable: string; readonly name: string };

/** The variable in which each CI service names the commit it tests (spec/divio.md R12). */
const COMMITS = [
  'TRAVIS_COMMIT',
  'GITHUB_SHA',
  // GitLab, Woodpecker.
  'CI_COMMIT_SHA',
  'CIRCLE_SHA1',
  'GIT_COMMIT',
  'BUILDKITE_COMMIT',
  'BITBUCKET_COMMIT',
] as const;

/**
 * Where a service says that it tests a pull request. CircleCI is not here on purpose: it tests the branch itself, and
 * its CIRCLE_PULL_REQUEST is set for every branch that some pull request comes from, `main` included.
 */
const PULL_REQUESTS = [
  'TRAVIS_PULL_REQUEST',
  'CI_MERGE_REQUEST_IID',
  'CI_COMMIT_PULL_REQUEST',
  'CHANGE_ID',
  'BUILDKITE_PULL_REQUEST',
  'BITBUCKET_PR_ID',
] as const;

/** The commit or pull request that the CI service around us has tested; null where no service says so. */
export async function testedCommit(
  environment: NodeJS.ProcessEnv,
  directory: string,
): Promise<Tested | null> {
  const github = await fromGithub(environment);
  if (github !== null) return github;
  for (const variable of PULL_REQUESTS) {
    const name = environment[variable]?.trim();
    if (name && name !== 'false') return { kind: 'pull_request', variable, name };
  }
  for (const variable of COMMITS) {
    const named = environment[variable]?.trim();
    if (!named) continue;
    // Buildkite may name HEAD, a tag's build may name the tag object: the check-out knows the commit.
    const commit = (await peeled(named, directory)) ?? named;
    return { kind: 'commit', commit, variable };
  }
  return null;
}

/**
 * GITHUB_SHA is not always what was tested: of a pull request it is a merge made for the test (or, with
 * `pull_request_target`, the base), of `workflow_run` the head of the default branch at that moment. The event says more.
 */
async function fromGithub(environment: NodeJS.ProcessEnv): Promise<Tested | null> {
  const { GITHUB_EVENT_NAME: event = '', GITHUB_REF: ref = '' } = environment;
  if (event.startsWith('pull_request')) {
    const name = /^refs\/pull\/(\d+)\//.exec(ref)?.[1] ?? ref;
    return { kind: 'pull_request', variable: 'GITHUB_EVENT_NAME', name };
  }
  if (event !== 'workflow_run') return null;
  const run = await workflowRun(environment['GITHUB_EVENT_PATH']);
  if (run === null) return null;
  const variable = 'GITHUB_EVENT_PATH';
  return run.event.startsWith('pull_request')
    ? { kind: 'pull_request', variable, name: run.branch }
    : { kind: 'commit', variable, commit: run.sha };
}

async function workflowRun(
  path: string | undefined,
): Promise<{ sha: string; event: string; branch: string } | null> {
  if (path === undefined) return null;
  try {
    const { workflow_run: run }: { workflow_run?: Record<string, unknown> } = JSON.parse(
      await readFile(path, 'utf8'),
    );
    if (typeof run?.['head_sha'] !== 'string') return null;
    const { head_sha: sha, event, head_branch: branch } = run;
    return { sha, event: String(event ?? ''), branch: String(branch ?? '') };
  } catch {
    return null;
  }
}

function peeled(name: string, directory: string): Promise<string | null> {
  return new Promise((answer) => {
    const words = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
    execFile('git', words, { cwd: directory }, (error, stdout) => {
      const sha = stdout.trim();
      answer(error === null && /^[0-9a-f]{40}$/.test(sha) ? sha : null);
    });
  });
}
