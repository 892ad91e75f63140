import { pathToFileURL } from 'node:url';
import type { JobLimits } from '@sluice/contract';
import { type ConditionData, plan } from '@sluice/travis-config';
import type { LocalMachine } from './machine.ts';
import { type BuildFacts, localPayload } from './payload.ts';
import { type JobState, runJobs, stateOf } from './run-jobs.ts';
import { makeSource } from './source.ts';
import { findWorkingTree } from './working-tree.ts';

export interface BatchOptions {
  readonly machine: LocalMachine;
  readonly environment: NodeJS.ProcessEnv;
  readonly directory: string;
  readonly limits: JobLimits;
  readonly signal: AbortSignal;
}

export interface BatchAnswer {
  readonly state: JobState;
  /** The whole log as the service would store it, fold and timing marks included. */
  readonly output: string;
}

/** The branch that deployments go by when they name none (spec/travis.md 7.2). */
const BRANCH = 'master';
const NO_COMMIT = '0'.repeat(40);
/** What only the configuration of a whole file has. */
const FILE_KEYS = ['jobs', 'matrix', 'stages', 'notifications', 'import', 'version'];

/**
 * Runs configurations one by one, really, each in a fresh workplace of one executor. Nothing is cloned and no
 * language is set up unless a configuration says so: it is the phases that are looked at.
 */
export function createPhaseRunner(options: BatchOptions) {
  const { machine, environment, directory } = options;
  let source: Promise<{ sha: string; message: string }> | null = null;
  const workingTree = () => {
    source ??= findWorkingTree(directory, environment).then((tree) =>
      makeSource({
        tree,
        path: machine.sourcePath,
        branch: BRANCH,
        tag: null,
        depth: 50,
        environment,
      }),
    );
    return source;
  };

  return async (config: unknown, data: ConditionData): Promise<BatchAnswer> => {
    const { jobs, refused } = plan(JSON.stringify(asFile(config)), { ...DATA, ...data });
    if (refused !== undefined) throw new Error(`the configuration refuses the build: ${refused}`);
    if (jobs.length === 0) throw new Error('the configuration has no jobs');
    const clones = jobs.some(({ git }) => git?.clone !== false);
    const commit = clones ? await workingTree() : { sha: NO_COMMIT, message: '' };
    const facts = factsOf({ ...DATA, ...data }, options, commit);
    const { runJob } = await import('@sluice/runner');
    const chunks: Buffer[] = [];
    const finished = await runJobs({
      jobs: jobs.map((job, index) => ({ number: index + 1, title: '', config: job })),
      parallel: 1,
      run: (job) => {
        const sink = { log: (bytes: Buffer) => void chunks.push(bytes) };
        return runJob(localPayload(job, facts), machine.executor, sink, options.signal);
      },
      now: Date.now,
      signal: options.signal,
    });
    const [only] = finished;
    const state = finished.length === 1 && only ? only.state : stateOf(finished);
    return { state, output: Buffer.concat(chunks).toString('utf8') };
  };
}

const DATA: ConditionData = { type: 'push', branch: BRANCH, repo: 'local/phases', fork: false };

/** A file with just this job, or the file itself. */
function asFile(config: unknown): Record<string, unknown> {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new Error('"config" must be an object');
  }
  const given: Record<string, unknown> = { language: 'generic', ...config };
  const git: unknown = given['git'];
  if (git === undefined) given['git'] = { clone: false };
  else if (typeof git === 'object' && git !== null) given['git'] = { clone: false, ...git };
  if (FILE_KEYS.some((key) => key in given) || hasSections(given['env'])) return given;
  const { language } = given;
  return { language, jobs: { include: [given] } };
}

function hasSections(env: unknown): boolean {
  if (typeof env !== 'object' || env === null || Array.isArray(env)) return false;
  return ['global', 'jobs', 'matrix'].some((key) => key in env);
}

function factsOf(
  data: ConditionData,
  { machine, limits }: BatchOptions,
  { sha, message }: { sha: string; message: string },
): BuildFacts {
  const text = (value: unknown, fallback: string) => (typeof value === 'string' ? value : fallback);
  const tag = text(data.tag, '');
  return {
    event: text(data.type, 'push'),
    branch: text(data.branch, BRANCH),
    tag: tag === '' ? null : tag,
    headBranch: text(data.head_branch, BRANCH),
    slug: text(data.repo, 'local/phases'),
    defaultBranch: BRANCH,
    sha,
    message: text(data.commit_message, message),
    cloneUrl: pathToFileURL(machine.sourcePath).href,
    variables: [],
    limits,
    mayDeploy: true,
  };
}
