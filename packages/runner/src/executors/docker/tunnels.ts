import { connect, isIP } from 'node:net';
import type { Duplex } from 'node:stream';

/** One address of the server that jobs reach through their runner, wherever engine and server are. */
export interface Tunnel {
  /** Where the job connects to, inside its container. */
  listen: { host: string; port: number };
  /** Where the runner connects to. */
  target: { host: string; port: number };
  /** The name that stands for the listening address in the container; null where none is needed. */
  name: string | null;
}

/**
 * The tunnels for the origins of a job's URLs. A name is made to stand for a loopback address of its own; a numeric address
 * works only where it is one of the loopback already, others are reached over the network or not at all.
 */
export function planTunnels(urls: readonly string[]): Tunnel[] {
  const tunnels = new Map<string, Tunnel>();
  for (const url of urls) {
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) continue;
    const { hostname, port: written, protocol } = new URL(url);
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const port = written === '' ? (protocol === 'https:' ? 443 : 80) : Number(written);
    const key = `${host}:${port}`;
    if (tunnels.has(key)) continue;
    const isNumeric = isIP(host) !== 0;
    if (isNumeric && host !== '::1' && !host.startsWith('127.')) continue;
    // Resolvers answer these themselves, without asking the container's table of hosts.
    const isLocal = host === 'localhost' || host.endsWith('.localhost');
    const own = `127.0.77.${tunnels.size + 1}`;
    tunnels.set(key, {
      listen: { host: isNumeric ? host : isLocal ? '127.0.0.1' : own, port },
      target: { host: isLocal ? 'localhost' : host, port },
      name: isNumeric || host === 'localhost' ? null : host,
    });
  }
  return [...tunnels.values()];
}

/** Joins a channel that the job has opened with the tunnel's target. Only these targets can be reached this way. */
export function serveTunnel(tunnel: Tunnel | undefined, channel: Duplex): void {
  if (tunnel === undefined) return void channel.destroy();
  const socket = connect({ ...tunnel.target, allowHalfOpen: true });
  socket.on('error', () => channel.destroy());
  socket.on('close', () => channel.destroy());
  channel.on('close', () => socket.destroy());
  channel.pipe(socket).pipe(channel);
}
