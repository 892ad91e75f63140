import { execFile } from 'node:child_process';
import { ApiError } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';

interface Check {
  readonly name: string;
  readonly what: string;
  /** Resolves to null when all is well, else to what to do about it. */
  run(context: Context): Promise<string | null>;
}

const checks: readonly Check[] = [
  {
    name: 'git',
    what: 'git is installed',
    run: () => installed('git', 'Install git (Debian: apt-get install git).'),
  },
  {
    name: 'server',
    what: 'the server answers',
    run: async (context) => {
      const url = await context.address();
      await (await context.clientWith(null)).send('GET', '/healthz');
      return url ? null : 'Name the server with --zone.';
    },
  },
  {
    name: 'login',
    what: 'you are logged in',
    run: async (context) => {
      const me = await (await context.client()).me();
      return me.uuid ? null : 'Log in with: sluice login TOKEN';
    },
  },
];

export function registerDoctor(program: Command, context: Context): void {
  program
    .command('doctor')
    .description('Check this machine, the server and your login.')
    .option('-c, --checks <names>', 'only these, comma separated (git, server, login)')
    .option('-m, --machine-readable', 'print JSON: name -> null or what is wrong')
    .action(async (options: { checks?: string; machineReadable?: boolean }) => {
      const wanted = options.checks?.split(',');
      const chosen = checks.filter(({ name }) => wanted === undefined || wanted.includes(name));
      const results: Record<string, string | null> = {};
      for (const check of chosen) {
        results[check.name] = await check.run(context).catch(problemOf);
        if (options.machineReadable) continue;
        const problem = results[check.name] ?? null;
        context.terminal.print(
          problem === null
            ? `${context.terminal.style('green', 'ok')}    ${check.what}`
            : `${context.terminal.style('red', 'error')} ${check.what}: ${problem}`,
        );
      }
      if (options.machineReadable) context.terminal.print(JSON.stringify(results));
      if (Object.values(results).some((problem) => problem !== null)) {
        process.exitCode = exitCodes.failed;
      }
    });
}

function installed(program: string, remedy: string): Promise<string | null> {
  return new Promise((answer) => {
    execFile(program, ['--version'], (error) => answer(error === null ? null : remedy));
  });
}

function problemOf(error: unknown): string {
  if (error instanceof ApiError && error.status === 401) return 'Log in with: sluice login TOKEN';
  return error instanceof Error ? error.message : String(error);
}
