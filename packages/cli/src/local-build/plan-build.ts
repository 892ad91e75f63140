import { join, relative } from 'node:path';
import { type ConditionData, ConfigError } from '@sluice/travis-config';
import { distinctions } from '../config/axes.ts';
import { conditionData, type DataOptions } from '../config/condition-data.ts';
import { readInput } from '../config/input.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import type { LocalJob } from './payload.ts';
import { planLocally } from './plan.ts';
import type { GivenVariable } from './variables.ts';
import type { WorkingTree } from './working-tree.ts';

/** What the command line says of the build. */
export interface PlanOptions extends Omit<DataOptions, 'env'> {
  readonly file?: string;
  readonly env: readonly string[];
  readonly envFile: readonly string[];
}

export interface PlanRequest {
  readonly context: Context;
  readonly tree: WorkingTree;
  /** Number of a job, or `-` for a file from standard input. */
  readonly wanted: string | undefined;
  readonly options: PlanOptions;
  readonly given: readonly GivenVariable[];
}

export interface BuildPlan {
  /** Those to run, numbered as in the whole plan. */
  readonly jobs: readonly LocalJob[];
  readonly event: string;
  readonly branch: string;
  readonly tag: string | null;
  readonly headBranch: string;
  readonly slug: string;
  /** Null: that of the commit which is built. */
  readonly message: string | null;
}

/** Reads the file and decides which jobs a build of this working tree has, saying what is remarkable about it. */
export async function planBuild(request: PlanRequest): Promise<BuildPlan> {
  const data = buildData(request);
  return {
    jobs: await plannedJobs(request, data),
    event: String(data.type),
    branch: String(data.branch),
    tag: typeof data.tag === 'string' && data.tag !== '' ? data.tag : null,
    headBranch: String(data.head_branch ?? request.tree.branch),
    slug: String(data.repo),
    message: typeof data.commit_message === 'string' ? data.commit_message : null,
  };
}

/** The build as conditions see it: what the command line says, else what the working tree is. */
function buildData({ tree, options, given }: PlanRequest): ConditionData {
  const { env: _, ...flags } = options;
  const isPullRequest = options.event === 'pull_request';
  const branch = isPullRequest ? (tree.defaultBranch ?? tree.branch) : tree.branch;
  const said = conditionData(flags);
  return {
    type: 'push',
    repo: tree.slug,
    branch: typeof said.tag === 'string' && said.tag !== '' ? said.tag : branch,
    ...(isPullRequest ? { head_branch: tree.branch, head_repo: tree.slug } : {}),
    fork: false,
    ...(tree.repository === null ? {} : { commit_message: tree.repository.message }),
    ...said,
    env: [said.env ?? {}, Object.fromEntries(given.map(({ name, value }) => [name, value]))],
  };
}

async function plannedJobs(
  { context: { terminal, directory }, tree, wanted, options }: PlanRequest,
  data: ConditionData,
): Promise<LocalJob[]> {
  const own = relative(directory, join(tree.root, '.travis.yml'));
  const { name, text } = await readInput(wanted === '-' ? '-' : (options.file ?? own));
  const planned = await planLocally(text, tree.root, data).catch((error: unknown) => {
    if (!(error instanceof ConfigError)) throw error;
    const place = `${name}:${error.line}:${error.column}`;
    throw new CommandError(exitCodes.failed, `${place}: ${error.message}`);
  });
  const yellow = (line: string) => terminal.note(terminal.styleNote('yellow', line));
  for (const remark of planned.remarks) yellow(remark);
  if (planned.refused !== null) yellow(`The service would not build this: ${planned.refused}.`);
  const remarks = planned.messages.filter(({ level }) => level !== 'info').length;
  if (remarks > 0) {
    yellow(
      `${name}: ${remarks === 1 ? '1 remark' : `${remarks} remarks`}; see: sluice config lint`,
    );
  }

  const titles = distinctions(planned.jobs);
  const jobs = planned.jobs.map((config, index) => ({
    number: index + 1,
    title: titles[index] ?? '',
    config,
  }));
  if (jobs.length === 0) {
    throw new CommandError(
      exitCodes.failed,
      'No job is left: every one was excluded, or its condition is false.',
    );
  }
  return wanted === undefined || wanted === '-' ? jobs : [selected(jobs, wanted)];
}

function selected(jobs: readonly LocalJob[], wanted: string): LocalJob {
  const found = /^(?:1\.)?(\d+)$/.exec(wanted);
  if (found === null) {
    throw new CommandError(
      exitCodes.usage,
      `"${wanted}" is not the number of a job, such as 2 or 1.2. Name a file with --file.`,
    );
  }
  const job = jobs[Number(found[1]) - 1];
  if (job === undefined) {
    throw new CommandError(
      exitCodes.notFound,
      `There is no job ${wanted}: the plan has ${jobs.length}. See: sluice config plan`,
    );
  }
  return job;
}

/** As much history as the deepest clone asks for; null for all. */
export function depthOf(jobs: readonly LocalJob[]): number | null {
  const depths = jobs.map(({ config }) => config.git?.depth ?? 50);
  const numbers = depths.filter((depth) => typeof depth === 'number');
  return numbers.length < depths.length ? null : Math.max(1, ...numbers);
}
