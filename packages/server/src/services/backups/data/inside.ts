import { PassThrough, Readable } from 'node:stream';
import type { Backing } from '../../../deploy/runtimes/backing.ts';
import { type Bytes, DataFailure } from './types.ts';

export interface Command {
  /** Program and arguments; no shell in between. */
  readonly words: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly input?: Bytes;
  readonly signal?: AbortSignal;
}

/** Runs programs beside a service's own. */
export interface Inside {
  /** What it writes; ends with a `DataFailure` of its last words unless it exits 0. */
  stream(command: Command): AsyncGenerator<Buffer>;
  /** All that it writes, which is little. */
  text(command: Command): Promise<string>;
}

/** Of what a program complains, the end says why. */
const LAST_WORDS = 1_000;

export function inside(backing: Pick<Backing, 'exec'>, serviceUuid: string): Inside {
  const run = async (command: Command, stdout?: PassThrough): Promise<string> => {
    const { words, variables = {}, input, signal } = command;
    // What cannot be read must not look like the end of the data.
    const broken = new AbortController();
    const stdin = input === undefined ? undefined : Readable.from(guarded(input, broken));
    const signals = [broken.signal, ...(signal === undefined ? [] : [signal])];
    const result = await backing
      .exec(serviceUuid, {
        argv: words,
        variables,
        signal: AbortSignal.any(signals),
        ...(stdin === undefined ? {} : { stdin }),
        ...(stdout === undefined ? {} : { stdout }),
      })
      .catch((error: unknown) => {
        throw broken.signal.aborted ? broken.signal.reason : error;
      })
      .finally(() => stdin?.destroy());
    if (broken.signal.aborted) throw broken.signal.reason;
    if (result.code === 0) return result.stdout;
    const said = result.stderr.trim().slice(-LAST_WORDS);
    const why = result.code < 0 ? 'did not end' : `exited with status ${result.code}`;
    throw new DataFailure(`${words[0]} ${why}${said === '' ? '.' : `: ${said}`}`);
  };

  return {
    text: (command) => run(command),
    async *stream(command) {
      const output = new PassThrough();
      const left = new AbortController();
      const { signal } = command;
      const signals = [left.signal, ...(signal === undefined ? [] : [signal])];
      const done = run({ ...command, signal: AbortSignal.any(signals) }, output).then(
        () => output.end(),
        (error: unknown) => output.destroy(error instanceof Error ? error : new Error(`${error}`)),
      );
      try {
        yield* output as AsyncIterable<Buffer>;
        await done;
      } finally {
        // Also where the reader went away in the middle.
        left.abort();
        output.destroy();
      }
    },
  };
}

async function* guarded(input: Bytes, broken: AbortController): AsyncGenerator<Uint8Array> {
  try {
    yield* input;
  } catch (error) {
    broken.abort(error);
    throw error;
  }
}
