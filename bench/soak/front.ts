import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** What stands in front of several servers: one address, and behind it whoever takes the connection. */
export interface Front {
  readonly url: string;
  close(): Promise<void>;
}

/** @param ports of the servers; those that refuse a connection are passed over */
export async function createFront(ports: readonly number[]): Promise<Front> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const server = createServer((near) => {
    sockets.add(near);
    near.on('close', () => sockets.delete(near));
    near.on('error', () => undefined);
    turn += 1;
    const order = ports.map((_, index) => ports[(index + turn) % ports.length] ?? 0);
    const tryNext = () => {
      const target = order.shift();
      if (target === undefined) return void near.destroy();
      const far = connect(target, '127.0.0.1');
      far.once('error', tryNext);
      far.once('connect', () => {
        far.off('error', tryNext);
        far.on('error', () => near.destroy());
        far.on('close', () => near.destroy());
        near.on('close', () => far.destroy());
        if (near.destroyed) far.destroy();
        else near.pipe(far).pipe(near);
      });
    };
    tryNext();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
