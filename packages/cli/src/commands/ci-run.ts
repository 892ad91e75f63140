import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import type { ConditionData } from '@sluice/travis-config';
import type { Command } from 'commander';
import { asData } from '../config/condition-data.ts';
import { answerBatch } from '../config/input.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { createPhaseRunner } from '../local-build/batch.ts';
import { type LimitOptions, limitsOf, positive } from '../local-build/limits.ts';
import { withMachine } from '../local-build/machine.ts';
import { jobOutput } from '../local-build/output.ts';
import { type BuildFacts, jobNumber, localPayload } from '../local-build/payload.ts';
import { depthOf, type PlanOptions, planBuild } from '../local-build/plan-build.ts';
import { runJobs, stateOf } from '../local-build/run-jobs.ts';
import { makeSource } from '../local-build/source.ts';
import { describeJob, summarise } from '../local-build/summary.ts';
import { givenVariable, readEnvFile } from '../local-build/variables.ts';
import { findWorkingTree } from '../local-build/working-tree.ts';
import { collect, eventOption } from '../options.ts';

interface RunOptions extends PlanOptions, LimitOptions {
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
    .addOption(eventOption())
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
      if (options.batchPhases) await runBatch(context, options, signal);
      else await runBuild(context, job, options, signal);
      if (signal.aborted) throw new CommandError(exitCodes.failed, 'Interrupted.');
    });
}

async function runBatch(
  { environment, directory }: Context,
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  const limits = limitsOf(options);
  const parallel =
    options.parallel === undefined
      ? availableParallelism()
      : Math.ceil(positive('--parallel', options.parallel));
  await withMachine(environment, async (machine) => {
    const run = createPhaseRunner({ machine, environment, directory, limits, signal });
    await answerBatch(
      async (line) => ({ ...(await run(line['config'], asData(line['data']) as ConditionData)) }),
      { parallel, signal },
    );
  });
}

async function runBuild(
  context: Context,
  wanted: string | undefined,
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  const { environment, directory, terminal } = context;
  const parallel = Math.ceil(positive('--parallel', options.parallel ?? '1'));
  const limits = limitsOf(options);
  const tree = await findWorkingTree(directory, environment);
  const given = options.env.map(givenVariable);
  const secret = await Promise.all(options.envFile.map((path) => readEnvFile(path)));
  const plan = await planBuild({ context, tree, wanted, options, given });

  await withMachine(environment, async (machine) => {
    const { branch, tag } = plan;
    const path = machine.sourcePath;
    const depth = depthOf(plan.jobs);
    const source = await makeSource({ tree, path, branch, tag, depth, environment });
    const facts: BuildFacts = {
      ...plan,
      sha: source.sha,
      message: plan.message ?? source.message,
      defaultBranch: tree.defaultBranch,
      cloneUrl: pathToFileURL(path).href,
      variables: [...given, ...secret.flat()],
      limits,
      mayDeploy: options.deploy ?? false,
    };
    const what = source.isChanged ? 'the working tree, with what is not committed' : 'the commit';
    terminal.note(`Building ${what} (${branch}, ${source.sha.slice(0, 12)}).`);

    const { runJob } = await import('@sluice/runner');
    const finished = await runJobs({
      jobs: plan.jobs,
      parallel,
      now: () => performance.now(),
      signal,
      run: async (job) => {
        const label = parallel > 1 ? `${terminal.style('cyan', jobNumber(job))} | ` : null;
        const style = { raw: options.raw ?? false, label };
        const output = jobOutput((text) => terminal.write(text), style);
        terminal.note(terminal.styleNote('bold', `\nJob ${jobNumber(job)}  ${describeJob(job)}`));
        const sink = { log: (bytes: Buffer) => output.push(bytes) };
        try {
          return await runJob(localPayload(job, facts), machine.executor, sink, signal);
        } finally {
          output.end();
        }
      },
    });
    summarise(terminal, finished);
    if (stateOf(finished) !== 'passed') process.exitCode = exitCodes.failed;
  });
}
