import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { selectSource } from '../project/source-repository.ts';
import { table } from '../ui/table.ts';
import { askToken } from '../ui/token.ts';

interface Options {
  readonly remoteId?: string;
  readonly json?: boolean;
  readonly new?: boolean;
  readonly type?: string;
  readonly username?: string;
  readonly remove?: boolean;
  readonly accept?: string;
}

const KEY_TYPES = ['ED25519', 'ECDSA', 'RSA'] as const;

/** `repo key|token|hosts`: what opens the door of an outside repository, and whose door it is. */
export function registerRepoAccess(group: Command, context: Context): void {
  const verb = (words: string, description: string) =>
    group
      .command(words)
      .description(description)
      .option('--remote-id <id>', 'website id, uuid or slug of the application')
      .option('--json', 'print JSON');

  verb('key', 'Print the deploy key for ssh, to add at the host.')
    .option('--new', 'make a new one, instead of the one that is there')
    .option('--type <type>', `with --new: ${KEY_TYPES.join(', ')}`, 'ED25519')
    .action(async (options: Options) => {
      const client = await context.client();
      const { source } = await selectSource(context, client, options.remoteId);
      const type = KEY_TYPES.find((one) => one === options.type?.toUpperCase());
      if (type === undefined) {
        throw new CommandError(exitCodes.usage, `A key is of type ${KEY_TYPES.join(', ')}.`);
      }
      const now =
        options.new === true || source.auth_info === null
          ? await client.sources.makeKey(source.uuid, type)
          : source;
      const { auth_info, key_type } = now;
      context.terminal.print(
        options.json ? JSON.stringify({ auth_info, key_type }) : (auth_info ?? ''),
      );
    });

  verb('token', 'Set the token for https: asked for, or read from standard input.')
    .option('--username <name>', 'user name, where the host wants one')
    .option('--remove', 'forget the token')
    .action(async (options: Options) => {
      const client = await context.client();
      const { source } = await selectSource(context, client, options.remoteId);
      const password = options.remove === true ? null : await askToken();
      const { has_password, username } = await client.sources.update(source.uuid, {
        password,
        ...(options.username === undefined ? {} : { username: options.username }),
      });
      if (options.json) context.terminal.print(JSON.stringify({ has_password, username }));
      else context.terminal.print(has_password ? 'Set; it is kept sealed.' : 'Removed.');
    });

  verb('hosts', 'List the keys by which the ssh host proved who it is, or accept a new one.')
    .option('--accept <fingerprint>', 'trust this key that the host offers now')
    .action(async (options: Options) => {
      const client = await context.client();
      const { source } = await selectSource(context, client, options.remoteId);
      const { host_keys } =
        options.accept === undefined
          ? source
          : await client.sources.acceptHostKey(source.uuid, options.accept);
      if (options.json) {
        context.terminal.print(JSON.stringify(host_keys));
        return;
      }
      const rows = host_keys.map((key) => [
        key.host,
        key.state,
        key.key_type,
        key.fingerprint,
        key.seen_at,
      ]);
      for (const line of table(['HOST', 'STATE', 'TYPE', 'FINGERPRINT', 'SEEN'], rows)) {
        context.terminal.print(line);
      }
    });
}
