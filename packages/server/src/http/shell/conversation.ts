import { SHELL_CHANNELS, type ShellAnswer, type ShellRequest } from '@sluice/contract';
import type { WebSocket } from 'ws';
import type { Shell } from '../../deploy/runtimes/shell.ts';

export interface Conversation {
  readonly socket: WebSocket;
  readonly open: (start: Extract<ShellRequest, { type: 'start' }>) => Promise<Shell>;
  /** Asked from time to time: rights may have been taken away. */
  readonly isAllowed: () => Promise<boolean>;
  readonly limits: { readonly totalMs: number; readonly idleMs: number };
  /** What went wrong, in words for whoever is connected. */
  readonly explain: (error: unknown) => string;
}

const MOST_WAITING_BYTES = 1024 * 1024;
/** For proxies that cut what is silent, and to notice a client that is gone without a word. */
const PING_EVERY_MS = 20_000;

/** Carries a shell over a WebSocket (`shell.ts` of the contract). Resolves when it has ended and nothing of it is left. */
export async function converse(conversation: Conversation): Promise<void> {
  const { socket, limits } = conversation;
  const gone = Promise.withResolvers<'gone'>();
  socket.once('close', () => gone.resolve('gone'));
  socket.once('error', () => gone.resolve('gone'));
  const say = (answer: ShellAnswer) => socket.send(JSON.stringify(answer));
  const ended = Promise.withResolvers<string>();
  const clock = watchClock(conversation, ended.resolve);
  const inbox = createInbox(socket, clock.busy);
  let shell: Shell | null = null;
  try {
    const first = await Promise.race([inbox.start, gone.promise, ended.promise]);
    if (typeof first === 'string') throw new Ended(first);
    shell = await conversation.open(first);
    say({ type: 'started' });
    inbox.join(shell);
    const over = carryOutput(socket, shell, clock.busy);
    const end = await Promise.race([over, gone.promise, ended.promise]);
    if (typeof end === 'string') throw new Ended(end);
    say({ type: 'exit', code: end });
  } catch (error) {
    const text = error instanceof Ended ? error.message : conversation.explain(error);
    if (socket.readyState === socket.OPEN) say({ type: 'error', message: text });
  } finally {
    clock.stop();
    await shell?.end();
    socket.close();
  }

  function watchClock({ isAllowed }: Conversation, end: (why: string) => void) {
    let lastBusy = Date.now();
    let answered = true;
    socket.on('pong', () => {
      answered = true;
    });
    const total = setTimeout(
      () => end(`It was ended after ${limits.totalMs / 60_000} minutes.`),
      limits.totalMs,
    );
    const look = setInterval(() => {
      if (Date.now() - lastBusy > limits.idleMs) {
        end(`It was ended: nothing was typed or shown for ${limits.idleMs / 60_000} minutes.`);
      }
      if (!answered) socket.terminate();
      answered = false;
      socket.ping();
      isAllowed().then(
        (still) => still || end('You may not do this any more.'),
        () => undefined,
      );
    }, PING_EVERY_MS);
    return {
      busy: () => {
        lastBusy = Date.now();
      },
      stop: () => {
        clearTimeout(total);
        clearInterval(look);
      },
    };
  }
}

class Ended extends Error {}

/** What the client sends: first `start`, then input and sizes, which wait until there is a shell. */
function createInbox(socket: WebSocket, busy: () => void) {
  const start = Promise.withResolvers<Extract<ShellRequest, { type: 'start' }>>();
  const waiting: ((shell: Shell) => void)[] = [];
  let shell: Shell | null = null;
  let isStarted = false;
  const toShell = (work: (shell: Shell) => void) => {
    if (shell === null) waiting.push(work);
    else work(shell);
  };
  socket.on('message', (data, isBinary) => {
    busy();
    const bytes = toBuffer(data);
    if (isBinary) {
      if (bytes[0] !== SHELL_CHANNELS.input) return;
      toShell(({ input }) => {
        if (input.destroyed || input.writableEnded || input.write(bytes.subarray(1))) return;
        socket.pause();
        input.once('drain', () => socket.resume());
      });
      return;
    }
    const request = readRequest(bytes.toString('utf8'));
    if (request === null) socket.close(1008, 'not a request');
    else if (request.type === 'start') {
      if (!isStarted) start.resolve(request);
      isStarted = true;
    } else if (request.type === 'resize') toShell((one) => void one.resize(request));
    else toShell(({ input }) => input.end());
  });
  return {
    start: start.promise,
    join: (joined: Shell) => {
      // A program that does not read any more.
      joined.input.on('error', () => undefined);
      shell = joined;
      for (const work of waiting.splice(0)) work(joined);
    },
  };
}

/** Answers the exit status, when everything was sent. */
async function carryOutput(socket: WebSocket, shell: Shell, busy: () => void): Promise<number> {
  for await (const { source, bytes } of shell.output) {
    busy();
    const channel = source === 'stdout' ? SHELL_CHANNELS.output : SHELL_CHANNELS.error;
    const message = Buffer.concat([Buffer.of(channel), bytes]);
    await new Promise<void>((goOn) => {
      socket.send(message, () => goOn());
      if (socket.bufferedAmount <= MOST_WAITING_BYTES) goOn();
    });
  }
  return shell.exit;
}

const isSize = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) < 10_000;

function readRequest(text: string): ShellRequest | null {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const { type, command, terminal } = value;
  const sizeOf = (of: unknown) => {
    const { columns, rows } = (of ?? {}) as Record<string, unknown>;
    return isSize(columns) && isSize(rows) ? { columns, rows } : null;
  };
  if (type === 'end') return { type };
  if (type === 'resize') {
    const size = sizeOf(value);
    return size === null ? null : { type, ...size };
  }
  const isCommand =
    Array.isArray(command) &&
    command.length < 1_000 &&
    command.every((word) => typeof word === 'string' && !word.includes('\0'));
  if (type !== 'start' || !isCommand) return null;
  if (terminal === null || terminal === undefined) return { type, command, terminal: null };
  const size = sizeOf(terminal);
  return size === null ? null : { type, command, terminal: size };
}

function toBuffer(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
