import { readFile } from 'node:fs/promises';
import type { EnvVar } from '@sluice/contract';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** A variable that a person gives to a local build, in place of the repository's settings. */
export interface GivenVariable {
  readonly name: string;
  /** The value itself, not shell text. */
  readonly value: string;
  readonly secret: boolean;
}

/** `NAME=value` of the command line; the shell has taken the quotes off already. */
export function givenVariable(text: string): GivenVariable {
  const found = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(text);
  if (found === null) {
    throw new CommandError(exitCodes.usage, `--env needs NAME=value, not "${text}".`);
  }
  return { name: found[1] ?? '', value: found[2] ?? '', secret: false };
}

/** The variables of a file, which are masked in the log. Throws with the line that is wrong, but never with its text. */
export async function readEnvFile(path: string): Promise<GivenVariable[]> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new CommandError(exitCodes.failed, `${path} cannot be read: ${error.message}`);
  });
  return text.split(/\r?\n/).flatMap((line, index): GivenVariable[] => {
    if (/^\s*(#|$)/.test(line)) return [];
    const found = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*?)\s*$/.exec(line);
    if (found === null) {
      throw new CommandError(exitCodes.usage, `${path}:${index + 1}: expected NAME=value.`);
    }
    return [{ name: found[1] ?? '', value: unquoted(found[2] ?? ''), secret: true }];
  });
}

function unquoted(value: string): string {
  const [first] = value;
  const quoted = value.length >= 2 && (first === '"' || first === "'") && value.endsWith(first);
  return quoted ? value.slice(1, -1) : value;
}

/** For a job: shell text that stands for exactly this value. */
export function asEnvVar({ name, value, secret }: GivenVariable): EnvVar {
  const plain = /^[\w@%+=:,./-]*$/.test(value);
  return { text: `${name}=${plain ? value : `'${value.replaceAll("'", "'\\''")}'`}`, secret };
}
