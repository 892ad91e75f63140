import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { SluiceError } from '../../../errors.ts';

/**
 * Ports for instances, below the range that Linux gives to outgoing connections (32768 and up), so that a port
 * whose instance is being restarted is not taken by chance.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 31_999;

export interface Ports {
  /** A port that is free on all addresses and that nobody was given. It stays reserved until `release`. */
  reserve(taken: ReadonlySet<number>): Promise<number>;
  release(port: number): void;
}

export function createPorts(): Ports {
  const reserved = new Set<number>();
  return {
    reserve: async (taken) => {
      for (let attempt = 0; attempt < 500; attempt += 1) {
        const port = randomInt(FIRST_PORT, LAST_PORT + 1);
        if (reserved.has(port) || taken.has(port)) continue;
        reserved.add(port);
        if (await isFree(port)) return port;
        reserved.delete(port);
      }
      throw new SluiceError('unavailable', 'No free port was found for an instance.', {
        reason: 'no_free_port',
        remedy: `Ports ${FIRST_PORT} to ${LAST_PORT} seem to be in use.`,
      });
    },
    release: (port) => {
      reserved.delete(port);
    },
  };
}

async function isFree(port: number): Promise<boolean> {
  // `::` covers IPv4 too, but not where IPv6 is switched off.
  return (await canListen(port, '0.0.0.0')) && (await canListen(port, '::', true));
}

function canListen(port: number, host: string, orNoSuchFamily = false): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => {
      const code = 'code' in error ? error.code : null;
      resolve(orNoSuchFamily && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'));
    });
    server.listen({ port, host, exclusive: true, ipv6Only: true }, () => {
      server.close(() => resolve(true));
    });
  });
}
