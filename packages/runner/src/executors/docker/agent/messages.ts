import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';

/** What the runner tells the agent in the job's container, one JSON text a line. */
export type ToAgent =
  /** Listens at these addresses; what connects there comes as a channel `tunnel N`. */
  | { kind: 'listen'; addresses: { host: string; port: number }[] }
  /** Waits until something takes connections at this port. */
  | { kind: 'await'; port: number; milliseconds: number }
  | { kind: 'start'; script: string }
  /** Asks every process of the job to end. */
  | { kind: 'terminate' }
  /** The runner is still there. */
  | { kind: 'ping' };

/** What the agent answers. */
export type FromAgent =
  /** What the image has: a program's path, or null. */
  | { kind: 'ready'; bash: boolean; git: boolean; dist: string }
  | { kind: 'awaited'; port: number; open: boolean }
  /** The kernel has ended a process of the job for want of memory. */
  | { kind: 'out-of-memory' }
  | { kind: 'exit'; code: number | null; signal: NodeJS.Signals | null };

/** Reads a channel's lines; what is no JSON is left out, for it may come from a job. */
export function readMessages<Message>(channel: Duplex, take: (message: Message) => void): void {
  const lines = createInterface({ input: channel, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('error', () => undefined);
  lines.on('line', (line) => {
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      return;
    }
    if (typeof message === 'object' && message !== null) take(message as Message);
  });
}

export function sendMessage(channel: Duplex, message: ToAgent | FromAgent): void {
  // JSON leaves these two as they are, but the reader ends a line at them: a commit's message may hold them.
  const text = JSON.stringify(message)
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  if (channel.writable) channel.write(`${text}\n`);
}
