import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on a loopback port whose connections a test cuts at will, in the middle of whatever goes over them. */
export interface CuttingProxy {
  readonly url: string;
  /** Cuts all connections there are. Answers how many. */
  cut(): number;
  /** Cuts again and again, at most `everyMs` apart, until the returned function is called. Answers the number of cuts. */
  cutAgainAndAgain(everyMs: number): () => number;
  close(): Promise<void>;
}

/** @param target address to forward to, asked at every connection: it may change its port */
export async function createCuttingProxy(target: () => string): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const { hostname, port } = new URL(target());
    const far = connect(Number(port), hostname);
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
    cutAgainAndAgain: (everyMs) => {
      let cuts = 0;
      let timer: NodeJS.Timeout;
      const next = () => {
        timer = setTimeout(() => {
          if (cut() > 0) cuts += 1;
          next();
        }, Math.random() * everyMs);
      };
      next();
      return () => {
        clearTimeout(timer);
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
