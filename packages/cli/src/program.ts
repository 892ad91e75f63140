import { Command, Option } from 'commander';
import { registerAdmin } from './commands/admin.ts';
import { registerAppBackups } from './commands/app-backups.ts';
import { registerAppChange } from './commands/app-change.ts';
import { registerAppCreate } from './commands/app-create.ts';
import { registerAppCron } from './commands/app-cron.ts';
import { registerAppDeploy } from './commands/app-deploy.ts';
import { registerAppDeployments } from './commands/app-deployments.ts';
import { registerAppDomains } from './commands/app-domains.ts';
import { registerAppEnvVars } from './commands/app-env-vars.ts';
import { registerAppExec } from './commands/app-exec.ts';
import { registerAppLimits } from './commands/app-limits.ts';
import { registerAppList } from './commands/app-list.ts';
import { registerAppLogs } from './commands/app-logs.ts';
import { registerAppOpen } from './commands/app-open.ts';
import { registerAppPullPush } from './commands/app-pull-push.ts';
import { registerAppRollback } from './commands/app-rollback.ts';
import { registerAppScale } from './commands/app-scale.ts';
import { registerAppServiceInstances } from './commands/app-service-instances.ts';
import { registerAppShow } from './commands/app-show.ts';
import { registerBuild } from './commands/build.ts';
import { registerCi } from './commands/ci.ts';
import { registerConfig } from './commands/config.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerEncrypt } from './commands/encrypt.ts';
import { registerEnv } from './commands/env.ts';
import { registerGitCredential } from './commands/git-credential.ts';
import { registerImages } from './commands/images.ts';
import { registerLogin } from './commands/login.ts';
import { registerPr } from './commands/pr.ts';
import { registerRepo } from './commands/repo.ts';
import { registerRunner } from './commands/runner.ts';
import { registerServices } from './commands/services.ts';
import { registerSimulate } from './commands/simulate.ts';
import { registerToken } from './commands/token.ts';
import { registerWhy } from './commands/why.ts';
import { type Context, createContext, type GlobalOptions } from './context.ts';
import { version } from './version.ts';

export interface ProgramOptions {
  /** `sluice` or `divio`: one grammar under both names. */
  readonly programName: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly directory: string;
}

/** The command line with all its commands. */
export function createProgram(options: ProgramOptions): { program: Command; context: Context } {
  const program = new Command(options.programName)
    .description('Every commit that passes goes live, in order.')
    .version(version)
    .option('-z, --zone <zone>', "the server: an address, or a zone as the divio client's")
    .option('--no-color', 'no colours')
    .addOption(new Option('-d, --debug').hideHelp())
    // Without Divio's `-s`, which is a service in `app service-instances add -s`.
    .addOption(new Option('--sudo').hideHelp())
    .showHelpAfterError('(add --help for the usage)')
    .addHelpText('after', HELP);
  const context = createContext({ ...options, options: () => program.opts<GlobalOptions>() });

  registerLogin(program, context);
  const app = program
    .command('app')
    .alias('project')
    .description('Applications: create, deploy, look, roll back.');
  for (const register of [
    registerAppList,
    registerAppCreate,
    registerAppShow,
    registerAppDeploy,
    registerAppLogs,
    registerAppDeployments,
    registerAppDomains,
    registerAppEnvVars,
    registerAppBackups,
    registerAppPullPush,
    registerAppServiceInstances,
    registerAppRollback,
    registerAppChange,
    registerAppOpen,
    registerAppExec,
    registerAppScale,
    registerAppLimits,
    registerAppCron,
  ]) {
    register(app, context);
  }
  for (const register of [
    registerBuild,
    registerPr,
    registerWhy,
    registerEncrypt,
    registerEnv,
    registerCi,
    registerConfig,
    registerServices,
    registerRepo,
    registerToken,
    registerRunner,
    registerImages,
    registerDoctor,
    registerSimulate,
    registerGitCredential,
  ]) {
    register(program, context);
  }
  registerAdmin(program);
  return { program, context };
}

const HELP = `
The server is named by --zone, else SLUICE_URL, else DIVIO_ZONE, else it is that of the last login.
SLUICE_TOKEN replaces a login. NO_COLOR turns colours off.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the environment is on hold, 4 not found or not allowed,
5 no server answers.`;
