import type { Deployment } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { describeOutcome, exitCodeOf, resultOf } from '../deployment/outcome.ts';
import { signalDeployment } from '../deployment/signal.ts';
import { watchDeployment } from '../deployment/watch.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { patiently } from '../patience.ts';
import { selectApplication } from '../project/application.ts';
import { selectEnvironment } from '../project/environment.ts';
import { testedCommit } from '../tested-commit.ts';

interface DeployOptions {
  readonly remoteId?: string;
  readonly buildMode: string;
  readonly commit?: string;
  readonly wait: boolean;
  readonly log?: boolean;
  readonly json?: boolean;
  readonly allowOffBranch?: boolean;
  readonly overrideHold?: boolean;
}

export function registerAppDeploy(app: Command, context: Context): void {
  app
    .command('deploy [environment]')
    .description('Deploy a commit to an environment (default "test") and wait for the outcome.')
    .option('--remote-id <id>', 'website id or uuid of the application')
    .option('--build-mode <mode>', 'AUTO, ADOPT or FORCE', 'AUTO')
    .option(
      '--commit <commit>',
      "commit, tag or branch; default: what the CI service tested, else the head of the environment's branch",
    )
    .option('--no-wait', 'do not wait for the outcome')
    .option('--log', "show the deployment's log as it grows")
    .option('--allow-off-branch', "deploy a commit that is not on the environment's branch")
    .option('--override-hold', 'deploy although the environment is on hold; the hold stays')
    .option('--json', 'end with one line of JSON')
    .action((environment: string | undefined, options: DeployOptions) =>
      deploy(context, environment ?? 'test', options),
    );
}

async function deploy(context: Context, slug: string, options: DeployOptions): Promise<void> {
  const { terminal } = context;
  const mode = options.buildMode.toUpperCase();
  if (!['AUTO', 'ADOPT', 'FORCE'].includes(mode)) {
    throw new CommandError(exitCodes.usage, '--build-mode must be AUTO, ADOPT or FORCE.');
  }
  const tested =
    options.commit === undefined
      ? await testedCommit(context.environment, context.directory)
      : null;
  if (tested?.kind === 'pull_request') {
    skipPullRequest(context, tested, options.json ?? false);
    return;
  }
  const client = await context.client();
  const tryAgain = (error: Error) => terminal.note(`${error.message}; trying again ...`);
  const find = async () => {
    const application = await selectApplication(context, client, options.remoteId);
    return selectEnvironment(client, application.uuid, slug);
  };
  // A CI job that comes while the server restarts must not lose its signal; a person is told at once.
  const environment = await (context.environment['CI'] ? patiently(find, tryAgain) : find());
  const commit = options.commit ?? tested?.commit;
  if (tested !== null && !options.json) {
    terminal.note(
      `Deploying ${tested.commit.slice(0, 10)}, the commit named by $${tested.variable}`,
    );
  }

  const accepted = await signalDeployment(
    client,
    {
      environment: environment.uuid,
      build_mode: mode,
      ...(commit === undefined ? {} : { commit }),
      ...(options.allowOffBranch ? { allow_off_branch: true } : {}),
      ...(options.overrideHold ? { override_hold: true } : {}),
    },
    tryAgain,
  );

  const ended = await outcome(context, accepted, options, async () =>
    watchDeployment(context, client, accepted.uuid, {
      log: options.log ?? false,
      quiet: options.json ?? false,
    }),
  );
  report(context, ended, options.json ?? false);
}

/** What was tested is no commit of a branch, so nobody is asked. */
function skipPullRequest(
  { terminal }: Context,
  { name, variable }: { readonly name: string; readonly variable: string },
  json: boolean,
): void {
  const reason = `This is the build of pull request ${name} (by $${variable}): nothing is deployed. Name a commit with --commit to deploy it all the same.`;
  if (json) terminal.print(JSON.stringify({ deployment: null, status: 'SKIPPED', reason }));
  else terminal.note(reason);
}

async function outcome(
  context: Context,
  accepted: Deployment,
  options: DeployOptions,
  watch: () => Promise<Deployment>,
): Promise<Deployment> {
  if (accepted.ended_at !== null) return accepted;
  const { terminal } = context;
  if (await isInsideUnfinishedJob(context)) {
    terminal.note(
      `Deployment ${accepted.uuid} is ${accepted.status}. It goes on by itself; its outcome is shown beside the build.\n` +
        `Watch it with: ${context.programName} app deployments watch ${accepted.uuid}`,
    );
    return accepted;
  }
  if (!options.wait) {
    terminal.note(`Deployment ${accepted.uuid} is ${accepted.status}.`);
    return accepted;
  }
  return watch();
}

/**
 * Inside a job of this server the build is not finished, and the deployment may wait for just that build: waiting here
 * would hold up both (spec/ordering.md 2.3).
 */
async function isInsideUnfinishedJob({ environment, address }: Context): Promise<boolean> {
  const { TRAVIS_JOB_ID: job, SLUICE_URL: server } = environment;
  return Boolean(job) && server !== undefined && server.replace(/\/+$/, '') === (await address());
}

function report({ terminal, environment }: Context, deployment: Deployment, json: boolean): void {
  if (json) {
    terminal.print(JSON.stringify(resultOf(deployment)));
  } else if (deployment.ended_at !== null) {
    const good = deployment.success === true;
    terminal.print(terminal.style(good ? 'green' : 'red', describeOutcome(deployment)));
    if (deployment.status === 'FAILED') {
      terminal.note('Its log: app deploy-log, or app deployments log UUID');
    }
  }
  process.exitCode = exitCodeOf(deployment, Boolean(environment['CI']));
}
