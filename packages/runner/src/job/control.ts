import type { Duplex } from 'node:stream';
import { isMap } from '../script/config.ts';

/** What a job's script says to the runner, one line each (`script/prelude.sh`). */
export type ControlMessage =
  | { kind: 'phase'; phase: string }
  | { kind: 'verdict'; verdict: 'passed' | 'failed' }
  /** The job ends itself as errored, with the reason. */
  | { kind: 'stop'; reason: string }
  | { kind: 'toolchain'; tool: string; version: string }
  /** The deploy provider `sluice`. */
  | { kind: 'deploy'; wish: DeployWish };

export interface DeployWish {
  /** Null: the application of the job's repository. */
  application: string | null;
  environment: string;
}

/** The longest line that is looked at; a job that sends more is talking nonsense. */
const LONGEST_LINE = 64 * 1024;

/**
 * Reads the job's line and hands on each message; what `answer` resolves to is sent back as one line, null is not
 * answered. Messages are taken in turn. The other side is the job and may send anything: what is not understood is ignored.
 */
export function serveControl(
  line: Duplex,
  answer: (message: ControlMessage) => Promise<string | null> | string | null,
): void {
  let rest = '';
  let turn = Promise.resolve();
  line.setEncoding('utf8');
  line.on('error', () => undefined);
  line.on('data', (text: string) => {
    rest += text;
    const lines = rest.split('\n');
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    for (const one of lines) {
      const message = parseMessage(one);
      if (message === null) continue;
      turn = turn.then(async () => {
        const reply = await answer(message);
        if (reply !== null && line.writable) line.write(`${reply.replaceAll('\n', ' ')}\n`);
      });
      turn.catch(() => line.destroy());
    }
  });
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
