import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ConditionData, ConfigError } from '@sluice/travis-config';
import type { Command } from 'commander';
import { distinctions } from '../config/axes.ts';
import { asData, conditionData, type DataOptions } from '../config/condition-data.ts';
import { answerBatch, readInput } from '../config/input.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { createPhaseRunner } from '../local-build/batch.ts';
import { type LimitOptions, limitsOf, positive } from '../local-build/limits.ts';
import { type LocalMachine, openMachine } from '../local-build/machine.ts';
import { jobOutput } from '../local-build/output.ts';
import { type BuildFacts, jobNumber, type LocalJob, localPayload } from '../local-build/payload.ts';
import { planLocally } from '../local-build/plan.ts';
import { type FinishedJob, mayFail, runJobs, stateOf } from '../local-build/run-jobs.ts';
import { makeSource } from '../local-build/source.ts';
import { type GivenVariable, givenVariable, readEnvFile } from '../local-build/variables.ts';
import { findWorkingTree, type WorkingTree } from '../local-build/working-tree.ts';
import { collect } from '../options.ts';
import { table } from '../ui/table.ts';

interface RunOptions extends Omit<DataOptions, 'env'>, LimitOptions {
  readonly file?: string;
  readonly env: readonly string[];
  readonly envFile: readonly string[];
  readonly parallel?: string;
  readonly deploy?: boolean;
  readonly raw?: boolean;
  readonly batchPhases?: boolean;
}

/** `ci run`: a build on this machine, without a server. */
export function registerCiRun(group: Command, context: Context): void {
  group
    .command('run [job]')
    .description(
      "Run the file's jobs on this machine, from the working tree, as the service would.",
    )
    .option(
      '--file <file>',
      'configuration (default .travis.yml of the project, - for standard input)',
    )
    .option('--event <type>', 'push, pull_request, api or cron')
    .option('--branch <branch>', 'branch of the build (default: the one checked out)')
    .option('--tag <tag>', 'tag of the build')
    .option('--repo <slug>', 'repository as organisation/application')
    .option('--commit-message <text>', "the commit's message")
    .option('--data <json>', 'all variables of conditions, as JSON')
    .option(
      '--env <assignment>',
      'a variable NAME=value of the settings; may be repeated',
      collect,
      [],
    )
    .option(
      '--env-file <file>',
      'secret variables, NAME=value in each line; may be repeated',
      collect,
      [],
    )
    .option(
      '--parallel <n>',
      'run so many jobs at once (default 1; with --batch-phases: the cores)',
    )
    .option('--deploy', 'run deploy too; without it nothing is deployed')
    .option('--raw', 'logs with fold and timing marks')
    .option('--job-seconds <n>', 'a job may take so long (default 3000)')
    .option('--job-silence-seconds <n>', 'a job may write nothing for so long (default 600)')
    .option('--batch-phases', 'run the {"id", "config"} of each line of standard input')
    .action(async (job: string | undefined, options: RunOptions) => {
      const signal = context.interruption();
      const machine = await openMachine(context.environment);
      try {
        if (options.batchPhases) await runBatch(context, machine, options, signal);
        else await runBuild(context, machine, job, options, signal);
      } finally {
        await machine.close();
      }
      if (signal.aborted) throw new CommandError(exitCodes.failed, 'Interrupted.');
    });
}

async function runBatch(
  { environment, directory }: Context,
  machine: LocalMachine,
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  const limits = limitsOf(options);
  const run = createPhaseRunner({ machine, environment, directory, limits, signal });
  const parallel =
    options.parallel === undefined
      ? availableParallelism()
      : Math.ceil(positive('--parallel', options.parallel));
  await answerBatch(
    async (line) => ({ ...(await run(line['config'], asData(line['data']) as ConditionData)) }),
    { parallel, signal },
  );
}

async function runBuild(
  context: Context,
  machine: LocalMachine,
  wanted: string | undefined,
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  const { environment, directory, terminal } = context;
  const parallel = Math.ceil(positive('--parallel', options.parallel ?? '1'));
  const limits = limitsOf(options);
  const tree = await findWorkingTree(directory, environment);
  const given = options.env.map(givenVariable);
  const variables = [
    ...given,
    ...(await Promise.all(options.envFile.map((path) => readEnvFile(path)))).flat(),
  ];
  const data = buildData(tree, options, given);
  const planned = await plannedJobs(context, wanted, options, tree, data);
  const tag = typeof data.tag === 'string' && data.tag !== '' ? data.tag : null;
  const source = await makeSource({
    tree,
    path: machine.sourcePath,
    branch: String(data.branch),
    tag,
    depth: depthOf(planned),
    environment,
  });
  const facts: BuildFacts = {
    event: String(data.type),
    branch: String(data.branch),
    tag,
    headBranch: String(data.head_branch ?? tree.branch),
    slug: String(data.repo),
    defaultBranch: tree.defaultBranch,
    sha: source.sha,
    message: typeof data.commit_message === 'string' ? data.commit_message : source.message,
    cloneUrl: pathToFileURL(machine.sourcePath).href,
    variables,
    limits,
    mayDeploy: options.deploy ?? false,
  };
  const what = source.isChanged ? 'the working tree, with what is not committed' : 'the commit';
  terminal.note(`Building ${what} (${facts.branch}, ${source.sha.slice(0, 12)}).`);

  const { runJob } = await import('@sluice/runner');
  const write = (text: string) => terminal.write(text);
  const finished = await runJobs({
    jobs: planned,
    parallel,
    now: () => performance.now(),
    signal,
    run: async (job) => {
      const label = parallel > 1 ? `${terminal.style('cyan', jobNumber(job))} | ` : null;
      const output = jobOutput(write, { raw: options.raw ?? false, label });
      terminal.note(terminal.styleNote('bold', `\nJob ${jobNumber(job)}  ${describeJob(job)}`));
      const sink = { log: (bytes: Buffer) => output.push(bytes) };
      try {
        return await runJob(localPayload(job, facts), machine.executor, sink, signal);
      } finally {
        output.end();
      }
    },
  });
  summarise(context, finished);
  if (stateOf(finished) !== 'passed') process.exitCode = exitCodes.failed;
}

/** The build as conditions see it: what the command line says, else what the working tree is. */
function buildData(
  tree: WorkingTree,
  options: RunOptions,
  given: readonly GivenVariable[],
): ConditionData {
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

/** The jobs to run, numbered as in the whole plan. */
async function plannedJobs(
  { terminal, directory }: Context,
  wanted: string | undefined,
  options: RunOptions,
  tree: WorkingTree,
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
  if (remarks > 0) yellow(`${name}: ${remarks} remarks; see: sluice config lint`);

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
function depthOf(jobs: readonly LocalJob[]): number | null {
  const depths = jobs.map(({ config }) => config.git?.depth ?? 50);
  const numbers = depths.filter((depth) => typeof depth === 'number');
  return numbers.length < depths.length ? null : Math.max(1, ...numbers);
}

function describeJob({ config, title }: LocalJob): string {
  return [config.stage, config.name, title].filter((text) => text).join('  ');
}

function summarise({ terminal }: Context, finished: readonly FinishedJob[]): void {
  const rows = finished.map(({ job, state, reason, durationMs }) => [
    jobNumber(job),
    job.config.stage ?? '',
    job.config.name ?? job.title,
    mayFail(job.config) && state !== 'passed' ? `${state} (may fail)` : state,
    durationMs === null ? '' : `${(durationMs / 1000).toFixed(1)} s`,
    reason ?? '',
  ]);
  terminal.note('');
  for (const line of table(['JOB', 'STAGE', 'WITH', 'STATE', 'TIME', ''], rows))
    terminal.note(line);
  const state = stateOf(finished);
  terminal.note(
    terminal.styleNote(state === 'passed' ? 'green' : 'red', `The build has ${pastOf(state)}.`),
  );
}

function pastOf(state: string): string {
  return state === 'canceled' ? 'been canceled' : state;
}
