import type { Duplex } from 'node:stream';
import { isMap } from '../script/config.ts';
import { createByteReader } from './byte-reader.ts';

/** What a job's script says to the runner, one line each (`script/prelude.sh`). */
export type ControlMessage =
  | { kind: 'phase'; phase: string }
  | { kind: 'verdict'; verdict: 'passed' | 'failed' }
  /** The job ends itself as errored, with the reason. */
  | { kind: 'stop'; reason: string }
  | { kind: 'toolchain'; tool: string; version: string }
  /** The deploy provider `sluice`. */
  | { kind: 'deploy'; wish: DeployWish }
  /** Cached directories: asks for the archive, or sends one of so many bytes behind the line. */
  | { kind: 'cache-fetch' }
  | { kind: 'cache-store'; sizeBytes: number }
  /** A file that is to be kept, so many bytes behind the line. */
  | { kind: 'artifact'; sizeBytes: number; path: string };

export interface DeployWish {
  /** Null: the application of the job's repository. */
  application: string | null;
  environment: string;
}

/** The longest line that is looked at; a job that sends more is talking nonsense. */
const LONGEST_LINE = 64 * 1024;

/** The line itself, for what is more than one line of text. */
export interface ControlLine {
  /** The next bytes that the job sends; to be read to their end. */
  take(count: number): AsyncGenerator<Buffer>;
  /** Resolves when the job may be sent more; rejects when it is gone. */
  write(bytes: Buffer | string): Promise<void>;
}

/**
 * Reads the job's line and hands on each message; what `answer` resolves to is sent back as one line, null is not
 * answered. Messages are taken in turn. The other side is the job and may send anything: what is not understood is ignored.
 */
export function serveControl(
  line: Duplex,
  answer: (message: ControlMessage, channel: ControlLine) => Promise<string | null> | string | null,
): void {
  line.on('error', () => undefined);
  const reader = createByteReader(line, LONGEST_LINE);
  const channel: ControlLine = {
    take: reader.take,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        line.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
  };
  const serve = async () => {
    for (;;) {
      const text = await reader.line();
      if (text === null) return;
      const message = parseMessage(text);
      if (message === null) continue;
      const reply = await answer(message, channel);
      if (reply !== null && line.writable) await channel.write(`${reply.replaceAll('\n', ' ')}\n`);
    }
  };
  serve().catch(() => line.destroy());
}

export function parseMessage(line: string): ControlMessage | null {
  const [word = '', ...rest] = line.split(' ');
  const text = rest.join(' ');
  switch (word) {
    case 'phase':
      return { kind: 'phase', phase: text };
    case 'verdict':
      return text === 'passed' || text === 'failed' ? { kind: 'verdict', verdict: text } : null;
    case 'stop':
      return { kind: 'stop', reason: text };
    case 'toolchain':
      return { kind: 'toolchain', tool: rest[0] ?? '', version: rest.slice(1).join(' ') };
    case 'deploy':
      return parseDeploy(text);
    case 'cache-fetch':
      return { kind: 'cache-fetch' };
    case 'cache-store':
      return /^\d{1,15}$/.test(text) ? { kind: 'cache-store', sizeBytes: Number(text) } : null;
    case 'artifact': {
      const [size = '', ...path] = rest;
      if (!/^\d{1,15}$/.test(size)) return null;
      return { kind: 'artifact', sizeBytes: Number(size), path: path.join(' ') };
    }
    default:
      return null;
  }
}

function parseDeploy(text: string): ControlMessage | null {
  let wish: unknown;
  try {
    wish = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isMap(wish) || typeof wish['environment'] !== 'string') return null;
  const { application, environment } = wish;
  if (application !== null && typeof application !== 'string') return null;
  return { kind: 'deploy', wish: { application, environment } };
}
