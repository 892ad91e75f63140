import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { SluiceError } from '../../errors.ts';
import { writeDurably } from '../durable.ts';
import { portHolder } from './port-holder.ts';

export interface BindOptions {
  readonly host: string;
  /** 0 means: the remembered one, else the first free one from `preferredPort` on. */
  readonly port: number;
  readonly preferredPort: number;
  /** File that remembers a chosen port, so that application URLs stay the same. */
  readonly memory: string;
  /** How long to wait for a predecessor that is still going away. */
  readonly patienceMs: number;
}

const portsToTry = 200;

/**
 * Listens, and answers the port.
 *
 * `SO_REUSEPORT` would allow a successor to listen before its predecessor is gone, but also any other process of
 * the same user to take a share of the traffic unnoticed; so the short gap while a killed router comes back is
 * accepted instead.
 *
 * @throws SluiceError `unavailable`, reason `port_taken`, naming the program that has the port where that can be seen.
 */
export async function bind(server: Server, options: BindOptions): Promise<number> {
  if (options.port !== 0) {
    if (!(await listenPatiently(server, options, options.port))) throw taken(options.port, false);
    return options.port;
  }
  const remembered = rememberedPort(options.memory);
  if (remembered !== null) {
    if (!(await listenPatiently(server, options, remembered))) throw taken(remembered, true);
    return remembered;
  }
  const last = Math.min(65_535, options.preferredPort + portsToTry - 1);
  for (let port = options.preferredPort; port <= last; port += 1) {
    if (await listen(server, options.host, port)) {
      await writeDurably(options.memory, `${port}\n`);
      return port;
    }
  }
  throw new SluiceError(
    'unavailable',
    `No port from ${options.preferredPort} to ${last} is free.`,
    {
      reason: 'port_taken',
      remedy: 'Give the router a port of its own.',
    },
  );
}

function rememberedPort(path: string): number | null {
  try {
    const port = Number(readFileSync(path, 'utf8').trim());
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
  } catch {
    return null;
  }
}

async function listenPatiently(
  server: Server,
  options: BindOptions,
  port: number,
): Promise<boolean> {
  const deadline = Date.now() + options.patienceMs;
  for (;;) {
    if (await listen(server, options.host, port)) return true;
    if (Date.now() >= deadline) return false;
    await delay(20);
  }
}

/** False where the port is in use; every other trouble is thrown. */
function listen(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException): void => {
      server.off('listening', onListening);
      if (cause.code === 'EADDRINUSE') resolve(false);
      else reject(notListening(host, port, cause));
    };
    const onListening = (): void => {
      server.off('error', onError);
      resolve(true);
    };
    server.once('error', onError);
    server.once('listening', onListening);
    server.listen({ host, port, backlog: 1_024 });
  });
}

function notListening(host: string, port: number, cause: NodeJS.ErrnoException): SluiceError {
  const denied = cause.code === 'EACCES';
  return new SluiceError(
    'unavailable',
    `The router cannot listen on ${host}:${port}: ${denied ? 'permission denied' : cause.message}.`,
    {
      reason: denied ? 'port_denied' : 'address_unavailable',
      remedy: denied
        ? 'Ports below 1024 need root or CAP_NET_BIND_SERVICE; choose a higher one.'
        : 'Choose an address of this machine.',
      cause,
    },
  );
}

function taken(port: number, remembered: boolean): SluiceError {
  const holder = portHolder(port) ?? 'another program';
  return new SluiceError('unavailable', `Port ${port} is taken by ${holder}.`, {
    reason: 'port_taken',
    remedy: remembered
      ? `Applications were served on port ${port} before. End that program, or give the router another port.`
      : 'End that program, or give the router another port.',
  });
}
