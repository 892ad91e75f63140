import { readFile } from 'node:fs/promises';
import { encryptFor } from '@sluice/contract/encryption';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { selectRepository } from '../project/repository.ts';
import { addSecure, findTravisFile, replaceFile } from '../project/travis-file.ts';
import { readAll } from '../ui/confirm.ts';
import { noteShortSecrets } from '../ui/short-secrets.ts';

interface Options {
  readonly add?: string | boolean;
  readonly append?: boolean;
  readonly override?: boolean;
  readonly split?: boolean;
  readonly remoteId?: string;
  readonly repo?: string;
}

export function registerEncrypt(program: Command, context: Context): void {
  program
    .command('encrypt [words...]')
    .description(
      'Encrypt a value such as TOKEN=secret for this repository; only its builds can read it. Reads standard input when no value is given.',
    )
    .option('-a, --add [key]', 'write it into .travis.yml, under env.global or a dotted key')
    .option('-p, --append', 'with --add: keep what stands there')
    .option('-x, --override', 'with --add: replace what stands there')
    .option('-s, --split', 'each line is a value of its own')
    .option('-r, --repo <slug>', 'repository as organisation/application')
    .option('--remote-id <id>', 'website id, uuid or slug of the application')
    .action(async (words: string[], options: Options) => {
      const values = await valuesOf(words, options.split ?? false);
      const client = await context.client();
      const { uuid } = await selectRepository(context, client, options);
      const { pem } = await client.repositories.key(uuid);
      noteShortSecrets(context.terminal, values);
      const ciphertexts = values.map((value) => encryptFor(pem, value));
      if (options.add === undefined) {
        for (const ciphertext of ciphertexts) context.terminal.print(`secure: "${ciphertext}"`);
        context.terminal.note('Put it into .travis.yml under env.global, or use --add.');
        return;
      }
      const key = typeof options.add === 'string' ? options.add : 'env.global';
      await addToFile(context, key, values, ciphertexts, options);
    });
}

async function valuesOf(words: readonly string[], split: boolean): Promise<string[]> {
  const text = words.length > 0 ? words.join(' ') : (await readAll()).replace(/\n$/, '');
  const values = split ? text.split(/\r?\n/).filter((line) => line !== '') : [text];
  if (values.length === 0 || values[0] === '') {
    throw new CommandError(exitCodes.usage, 'Nothing to encrypt. Usage: encrypt NAME=value');
  }
  return values;
}

async function addToFile(
  context: Context,
  key: string,
  values: readonly string[],
  ciphertexts: readonly string[],
  options: Options,
): Promise<void> {
  const file = await findTravisFile(context.directory);
  if (file === null) {
    throw new CommandError(
      exitCodes.failed,
      'There is no .travis.yml here or in a parent folder. Go to the repository, or leave --add out.',
    );
  }
  const isEnv = key.startsWith('env.');
  if (isEnv && values.some((value) => !/^\w+=/.test(value))) {
    context.terminal.note(
      context.terminal.styleNote('yellow', 'This is no NAME=value, so it will not set a variable.'),
    );
  }
  const append = options.append ?? !(options.override ?? !isEnv);
  const text = await readFile(file, 'utf8');
  await replaceFile(file, addSecure(text, key, ciphertexts, append));
  context.terminal.print(`Added to ${file} under ${key}.`);
}
