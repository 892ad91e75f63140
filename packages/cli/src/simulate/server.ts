import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The server that `--server CMD` names: started, killed and started again at the same address. */
export interface OwnServer {
  readonly url: string;
  /** SIGKILL, then a new start. Resolves when it listens again. */
  crash(): Promise<void>;
  /** SIGTERM. */
  stop(): Promise<void>;
  /** What it printed last, for a report. */
  words(): string;
}

const KEPT_CHARACTERS = 20_000;
const STOP_WITHIN_MS = 60_000;

export async function startServer(command: string): Promise<OwnServer> {
  const words = splitWords(command);
  let printed = '';
  let child: ChildProcess;
  let url = '';

  const start = async (): Promise<void> => {
    const [program = '', ...args] = url === '' ? words : atSamePort(words, url);
    const started = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    const keep = (text: string) => {
      printed = (printed + text).slice(-KEPT_CHARACTERS);
    };
    started.stderr.on('data', (chunk: Buffer) => keep(chunk.toString()));
    url = await new Promise<string>((found, failed) => {
      started.once('error', (error) => failed(new Error(`${program}: ${error.message}`)));
      started.once('exit', (code) =>
        failed(new Error(`the server ended with exit code ${code}:\n${printed}`)),
      );
      createInterface({ input: started.stdout }).on('line', (line) => {
        keep(`${line}\n`);
        const address = /listening on (https?:\S+)/.exec(line)?.[1];
        if (address !== undefined) found(address);
      });
    });
  };

  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await ended;
    clearTimeout(late);
  };

  await start();
  return {
    get url() {
      return url;
    },
    crash: async () => {
      await end('SIGKILL');
      await start();
    },
    stop: () => end('SIGTERM'),
    words: () => printed,
  };
}

/** `--port 0` took some port; people and repositories know it by that now. */
function atSamePort(words: readonly string[], url: string): string[] {
  const at = words.indexOf('--port');
  return at < 0 ? [...words] : words.with(at + 1, new URL(url).port);
}

/** Words as a shell splits them, quotes included; nothing else of a shell. */
export function splitWords(text: string): string[] {
  const words = text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}
