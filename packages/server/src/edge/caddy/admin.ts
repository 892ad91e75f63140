import { Agent, type RequestOptions, request } from 'node:http';
import type { Socket } from 'node:net';
import { SluiceError } from '../../errors.ts';
import type { CaddyConfig } from './config.ts';

const ANSWER_MS = 30_000;

/** Caddy's admin API, over a Unix socket (`unix//run/caddy/admin.sock`) or TCP (`localhost:2019`). */
export interface CaddyAdmin {
  /** Whether the configuration with this id is in force. @throws SluiceError `unavailable` where nobody answers. */
  holds(id: string): Promise<boolean>;
  /** Puts it in force, unless it is; what is under way goes on. @throws SluiceError `invalid` with Caddy's own words. */
  apply(config: CaddyConfig): Promise<void>;
  /** Ends when the connection of the last answer does, as with Caddy's own end or a new configuration; or after `withinMs`. */
  stirs(withinMs: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

export function createCaddyAdmin(address: string): CaddyAdmin {
  const target = readAddress(address);
  // One connection that is kept: its end tells of Caddy's at once, without asking all the time.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let socket: Socket | null = null;

  const call = (method: string, path: string, body?: object) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const outgoing = request({
        ...target.dial,
        ...{ agent, method, path, timeout: ANSWER_MS, setHost: false },
        headers: {
          Host: target.host,
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
      });
      outgoing.on('socket', (used) => {
        socket = used;
        used.unref();
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
      outgoing.on('error', (cause) => reject(nobody(address, cause)));
      outgoing.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('error', (cause) => reject(nobody(address, cause)));
        response.on('end', () => resolve({ status: response.statusCode ?? 500, text }));
      });
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });

  return {
    holds: async (id) => (await call('GET', `/id/${id}`)).status === 200,
    apply: async ({ apps }) => {
      // Only `apps`: where it listens for commands, what it logs and where it keeps certificates is its owner's.
      let answer = await call('POST', '/config/apps', apps);
      if (answer.status >= 400 && (await call('GET', '/config/')).text.trim() === 'null') {
        answer = await call('POST', '/load', { admin: { listen: address }, apps });
      }
      if (answer.status >= 400) {
        throw new SluiceError('invalid', `Caddy refuses its configuration: ${answer.text.trim()}`, {
          reason: 'edge_refused',
        });
      }
    },
    stirs: (withinMs, signal) =>
      new Promise((resolve) => {
        const held = socket;
        const done = () => {
          clearTimeout(timer);
          held?.off('close', done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, withinMs);
        timer.unref();
        signal.addEventListener('abort', done);
        if (held === null || held.destroyed || signal.aborted) done();
        else held.once('close', done);
      }),
    close: () => agent.destroy(),
  };
}

interface Target {
  readonly dial: RequestOptions;
  /** Caddy believes only hosts that it knows; over a Unix socket it is the empty one. */
  readonly host: string;
}

function readAddress(address: string): Target {
  if (address.startsWith('unix/')) {
    return { dial: { socketPath: address.slice('unix/'.length) }, host: '' };
  }
  const text = address.replace(/^(tcp\/|http:\/\/)/, '').replace(/\/$/, '');
  if (!URL.canParse(`http://${text}`)) throw wrongAddress(address);
  const { hostname, port } = new URL(`http://${text}`);
  if (hostname === '') throw wrongAddress(address);
  const host = hostname.replace(/^\[|\]$/g, '');
  return { dial: { host, port: port === '' ? 2019 : Number(port) }, host: text };
}

const wrongAddress = (address: string) =>
  new SluiceError('invalid', `--edge-admin: ${address} is no address of Caddy's admin API.`, {
    remedy: 'Write unix//run/caddy/admin.sock or localhost:2019.',
  });

const nobody = (address: string, cause: unknown) =>
  new SluiceError('unavailable', `Caddy does not answer at ${address}.`, {
    reason: 'edge_gone',
    remedy: 'Start it; it gets its configuration by itself. The address is the setting edgeAdmin.',
    cause,
  });
