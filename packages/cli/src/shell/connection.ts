import { SHELL_CHANNELS, type ShellAnswer, type ShellRequest, shellPath } from '@sluice/contract';
import { CommandError, exitCodes } from '../exit-codes.ts';
import type { LocalTerminal } from './local-terminal.ts';

export interface ShellTarget {
  readonly server: string;
  readonly token: string;
  readonly environmentUuid: string;
  readonly command: readonly string[];
}

const MOST_WAITING_BYTES = 1024 * 1024;

/** Joins this terminal to a shell of the server. Answers its exit status. */
export function runShell(target: ShellTarget, local: LocalTerminal): Promise<number> {
  const url = `${target.server.replace(/^http/, 'ws')}${shellPath(target.environmentUuid)}`;
  const socket = new WebSocket(url, { headers: { authorization: `Token ${target.token}` } });
  socket.binaryType = 'arraybuffer';
  const say = (request: ShellRequest) => socket.send(JSON.stringify(request));

  return new Promise<number>((resolve, reject) => {
    let isStarted = false;
    const fail = (text: string) => reject(new CommandError(exitCodes.failed, text));
    socket.addEventListener('open', () =>
      say({ type: 'start', command: target.command, terminal: local.size() }),
    );
    socket.addEventListener('message', ({ data }) => {
      if (typeof data !== 'string') {
        const bytes = Buffer.from(data as ArrayBuffer);
        local.show(bytes[0] === SHELL_CHANNELS.error ? 'stderr' : 'stdout', bytes.subarray(1));
        return;
      }
      const answer = JSON.parse(data) as ShellAnswer;
      if (answer.type === 'exit') resolve(answer.code);
      else if (answer.type === 'error') fail(answer.message);
      else {
        isStarted = true;
        local.onResize((size) => say({ type: 'resize', ...size }));
        sendInput(socket, local, () => say({ type: 'end' })).catch(reject);
      }
    });
    socket.addEventListener('error', () => {
      if (isStarted) fail('The connection to the server was lost; what ran is ended.');
      else reject(new CommandError(exitCodes.noServer, `${target.server} does not open a shell.`));
    });
    socket.addEventListener('close', () =>
      fail('The server closed the connection; what ran is ended.'),
    );
  }).finally(() => {
    local.release();
    socket.close();
  });
}

async function sendInput(socket: WebSocket, local: LocalTerminal, end: () => void): Promise<void> {
  for await (const bytes of local.input()) {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(Buffer.concat([Buffer.of(SHELL_CHANNELS.input), bytes]));
    while (socket.bufferedAmount > MOST_WAITING_BYTES) {
      await new Promise((done) => setTimeout(done, 20));
    }
  }
  if (socket.readyState === WebSocket.OPEN) end();
}
