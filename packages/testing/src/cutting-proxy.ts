import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on a loopback port whose connections a test cuts at will, in the middle of whatever goes over them. */
export interface CuttingProxy {
  readonly url: string;
  /** Cuts all connections there are. Answers how many. */
  cut(): number;
  /**
   * From now on each connection, those there are too, is cut after a random number of pieces of data, either way,
   * `most` of them at most. Not by time: on a busy machine nothing would ever get through. Answers a function that
   * stops it and tells the number of cuts.
   */
  cutAgainAndAgain(most: number): () => number;
  close(): Promise<void>;
}

/** @param target address to forward to, asked at every connection: it may change its port */
export async function createCuttingProxy(target: () => string): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let most = Infinity;
  let cuts = 0;
  const server = createServer((near) => {
    const { hostname, port } = new URL(target());
    const far = connect(Number(port), hostname);
    let pieces = 0;
    let last: number | null = null;
    const count = () => {
      pieces += 1;
      if (most === Infinity) return;
      last ??= pieces + Math.floor(Math.random() * most);
      if (pieces < last || near.destroyed) return;
      cuts += 1;
      near.resetAndDestroy();
    };
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.on('data', count);
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cut = () => {
    const count = sockets.size;
    for (const socket of sockets) socket.resetAndDestroy();
    return count;
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut,
    cutAgainAndAgain: (pieces) => {
      most = pieces;
      cuts = 0;
      return () => {
        most = Infinity;
        return cuts;
      };
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
