import { ApiError } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { netrcPath, writeNetrc } from '../project/netrc.ts';
import { askSecret } from '../ui/confirm.ts';

export function registerLogin(program: Command, context: Context): void {
  program
    .command('login [token]')
    .description('Log in with an access token; asks for it when none is given.')
    .option('--check', 'only say whether you are logged in (exit 0 or 1)')
    .option('--divio', 'also write a netrc entry, so that an unmodified divio client works')
    .action(async (token: string | undefined, options: { check?: boolean; divio?: boolean }) => {
      if (options.check) await check(context);
      else await login(context, token, options.divio ?? context.programName === 'divio');
    });

  program
    .command('logout')
    .description('Forget the login of this server.')
    .option('--non-interactive', 'say nothing')
    .action(async (options: { nonInteractive?: boolean }) => {
      const server = await context.address();
      const removed = await context.credentials.remove(server);
      const netrc = await writeNetrc(
        netrcPath(context.environment),
        new URL(server).hostname,
        null,
      ).catch(() => false);
      if (!options.nonInteractive) {
        context.terminal.print(
          removed || netrc ? `Logged out of ${server}` : `You were not logged in to ${server}`,
        );
      }
      if (!removed && !netrc) process.exitCode = exitCodes.failed;
    });
}

async function login(context: Context, given: string | undefined, divio: boolean): Promise<void> {
  const server = await context.address();
  const token = (given ?? (await askSecret(`Access token for ${server}: `))).trim();
  if (token === '') throw new CommandError(exitCodes.failed, 'The token is empty. Is $TOKEN set?');
  refuseCiphertext(token);
  const me = await (await context.clientWith(token)).me().catch((error: unknown) => {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
      throw new CommandError(exitCodes.failed, 'Login failed. Invalid token specified');
    }
    throw error;
  });
  await context.credentials.save(server, { token, email: me.email });
  if (divio) {
    await writeNetrc(netrcPath(context.environment), new URL(server).hostname, token);
  }
  context.terminal.print(`Logged in as ${nameOf(me)} to ${server}`);
}

async function check(context: Context): Promise<void> {
  const server = await context.address();
  const login = await context.credentials.find(server);
  const token = context.environment['SLUICE_TOKEN'] || login?.token;
  if (token) {
    try {
      const me = await (await context.clientWith(token)).me();
      context.terminal.print(`You are logged in as ${nameOf(me)} to ${server}`);
      return;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }
  throw new CommandError(exitCodes.failed, `You are not logged in to ${server}`);
}

function nameOf(me: { first_name: string; last_name: string; email: string }): string {
  return [me.first_name, me.last_name, `<${me.email}>`].filter((part) => part !== '').join(' ');
}

/** What `encrypt` printed is for `.travis.yml`; the job finds the decrypted token in `$TOKEN` (spec/divio.md 5.1). */
function refuseCiphertext(token: string): void {
  if (token.length >= 160 && /^[A-Za-z0-9+/\s]+=*$/.test(token)) {
    throw new CommandError(
      exitCodes.failed,
      'This looks like an encrypted value, not like a token. In .travis.yml put it under env.global.secure ' +
        'and write: login $TOKEN',
    );
  }
}
