import { connect, createServer } from 'node:net';
import type { Duplex } from 'node:stream';

const RETRY_MS = 100;

/** Passes on what connects to the addresses; one that cannot be had is left out. */
export async function listen(
  addresses: readonly { host: string; port: number }[],
  open: (number: number) => Duplex,
): Promise<void> {
  await Promise.all(
    addresses.map(
      ({ host, port }, number) =>
        new Promise<void>((resolve) => {
          const server = createServer({ allowHalfOpen: true }, (socket) => {
            const channel = open(number);
            socket.on('error', () => channel.destroy());
            channel.on('close', () => socket.destroy());
            socket.on('close', () => channel.destroy());
            socket.pipe(channel).pipe(socket);
          });
          server.once('error', () => resolve());
          server.listen({ host, port }, () => resolve());
        }),
    ),
  );
}

/** Whether something takes connections at a port of this container before the time is over. */
export async function awaitPort(port: number, milliseconds: number): Promise<boolean> {
  const until = performance.now() + milliseconds;
  for (;;) {
    if (await takesConnections(port)) return true;
    if (performance.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 2_000 });
    const done = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => done(true));
    socket.once('timeout', () => done(false));
    socket.once('error', () => done(false));
  });
}
