import { readFile } from 'node:fs/promises';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { readAll } from '../ui/confirm.ts';
import { linesOf } from './lines.ts';

/** The text of a configuration: a file, `-` for standard input, by default `.travis.yml` of this folder. */
export async function readInput(file = '.travis.yml'): Promise<{ name: string; text: string }> {
  if (file === '-') return { name: '<stdin>', text: await readAll() };
  try {
    return { name: file, text: await readFile(file, 'utf8') };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(exitCodes.failed, `${file} cannot be read: ${why}`);
  }
}

/** One line of a batch: an object with an `id` that its answer carries back. */
export type BatchLine = Record<string, unknown>;

/** Answers that are ready may wait for a slow one before them; more than this for each worker, and reading stops. */
const WAITING_PER_WORKER = 8;

/**
 * Answers each line of standard input (a JSON object) with one line of standard output, in order. A line that
 * cannot be answered gets `{"id", "error"}` and the others go on. `parallel` lines are worked on at once.
 */
export async function answerBatch(
  answer: (line: BatchLine) => Record<string, unknown> | Promise<Record<string, unknown>>,
  { parallel = 1, signal }: { parallel?: number; signal?: AbortSignal } = {},
): Promise<void> {
  const working = new Set<Promise<unknown>>();
  const waiting: Promise<void>[] = [];
  let printed: Promise<void> = Promise.resolve();
  for await (const text of linesOf(process.stdin)) {
    if (signal?.aborted) break;
    if (text.trim() === '') continue;
    const answered = answerLine(text, answer);
    working.add(answered);
    void answered.then(() => working.delete(answered));
    printed = Promise.all([answered, printed]).then(([line]) => {
      process.stdout.write(`${JSON.stringify(line)}\n`);
    });
    waiting.push(printed);
    if (working.size >= parallel) await Promise.race(working);
    if (waiting.length >= parallel * WAITING_PER_WORKER) await waiting.shift();
  }
  await printed;
}

async function answerLine(
  text: string,
  answer: (line: BatchLine) => Record<string, unknown> | Promise<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  let id: unknown = null;
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line !== 'object' || line === null || Array.isArray(line)) {
      return { id, error: 'each line must be a JSON object' };
    }
    const fields: BatchLine = { ...line };
    id = fields['id'] ?? null;
    return { id, ...(await answer(fields)) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

/** A field of a batch line that must be text. */
export function textField(line: BatchLine, name: string): string {
  const value = line[name];
  if (typeof value !== 'string') throw new Error(`"${name}" must be a text`);
  return value;
}
