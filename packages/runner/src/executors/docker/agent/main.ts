/**
 * The main process of a job's container, speaking to the runner over standard input and output. It runs the job's bash with the
 * pipes that the script expects, passes on connections to the server, and ends when the runner is gone: the container's first
 * process, a shell that waits for it and takes in orphans, then ends too, and the kernel ends everything else.
 */
import type { Duplex } from 'node:stream';
import { startBash } from './bash.ts';
import { aboutImage } from './image.ts';
import { watchMemory } from './memory.ts';
import { type FromAgent, readMessages, sendMessage, type ToAgent } from './messages.ts';
import { createMux } from './mux.ts';
import { awaitPort, listen } from './ports.ts';

/** The runner pings every few seconds; a connection that is only half dead would otherwise keep the job for ever. */
const RUNNER_SILENCE_MS = 120_000;

const channels = new Map<string, Duplex>();
const mux = createMux(process.stdin, process.stdout, 1, (label, channel) => {
  channels.set(label, channel);
  if (label === 'messages') readMessages<ToAgent>(channel, take);
});
void mux.closed.then(() => process.exit(1));

let silence = setTimeout(() => process.exit(1), RUNNER_SILENCE_MS);

function say(message: FromAgent): void {
  const channel = channels.get('messages');
  if (channel) sendMessage(channel, message);
}

function take(message: ToAgent): void {
  clearTimeout(silence);
  silence = setTimeout(() => process.exit(1), RUNNER_SILENCE_MS);
  switch (message.kind) {
    case 'listen':
      void listen(message.addresses, (number) => mux.open(`tunnel ${number}`))
        .then(aboutImage)
        .then((about) => say({ kind: 'ready', ...about }));
      break;
    case 'await':
      void awaitPort(message.port, message.milliseconds).then((open) =>
        say({ kind: 'awaited', port: message.port, open }),
      );
      break;
    case 'start':
      void run(message.script);
      break;
    case 'terminate':
      signalAll('SIGTERM');
      break;
    case 'ping':
      break;
  }
}

async function run(script: string): Promise<void> {
  const control = channels.get('control');
  const output = channels.get('output');
  if (!control || !output) return process.exit(1);
  const stopWatching = watchMemory(() => say({ kind: 'out-of-memory' }));
  const end = await startBash(script, { control, output, killAll: () => signalAll('SIGKILL') });
  await stopWatching();
  say({ kind: 'exit', ...end });
}

/** Everything in the container but this process and the first one, which are exempt. */
function signalAll(name: NodeJS.Signals): boolean {
  try {
    process.kill(-1, name);
    return true;
  } catch {
    return false;
  }
}
