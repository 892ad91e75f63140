import { createInterface } from 'node:readline/promises';
import { CommandError, exitCodes } from '../exit-codes.ts';

/**
 * Asks before what cannot simply be undone: the person types `name`. Without a terminal there is nobody to ask,
 * so the command must have been given `--yes`.
 */
export async function confirmByName(what: string, name: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) {
    throw new CommandError(exitCodes.usage, `${what} Repeat the command with --yes to confirm.`);
  }
  const answer = await ask(`${what}\nType "${name}" to go on: `);
  if (answer.trim() !== name) throw new CommandError(exitCodes.failed, 'Nothing was changed.');
}

export async function ask(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await reader.question(question);
  } finally {
    reader.close();
  }
}

/** Reads a secret from the terminal without showing it, or a line from a pipe. */
export async function askSecret(question: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return (await readAll()).trim();
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.resume();
  try {
    return await new Promise((answer, failed) => {
      let typed = '';
      stdin.on('data', function onData(chunk: Buffer) {
        for (const character of chunk.toString()) {
          if (character === '\r' || character === '\n' || character === '\u0004') {
            stdin.off('data', onData);
            answer(typed);
            return;
          }
          if (character === '\u0003') {
            stdin.off('data', onData);
            failed(new CommandError(exitCodes.failed, 'Interrupted.'));
            return;
          }
          typed = character === '\u007f' ? typed.slice(0, -1) : typed + character;
        }
      });
    });
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

/** All of standard input. */
export async function readAll(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
