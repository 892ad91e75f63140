import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Ports of this machine that nobody listens on right now, each another one. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/**
 * A free port for what stops and has to come back on it: outside of those that Linux gives to outgoing connections, that
 * Sluice gives to instances, and that servers on their defaults take one after the other.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(randomInt(10_000, 20_000), '127.0.0.1');
    const port = await Promise.race([
      once(server, 'listening').then(() => (server.address() as AddressInfo).port),
      once(server, 'error').then(() => null),
    ]).catch(() => null);
    server.close();
    if (port !== null) return port;
  }
}
