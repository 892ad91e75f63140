import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Docker from 'dockerode';
import { RuntimeFailure } from '../runtime.ts';
import { createSshAgent } from './ssh-agent.ts';

/** One Docker Engine, near or far. */
export interface Engine {
  /** For people: `unix:///var/run/docker.sock`. */
  readonly name: string;
  /** The machine that it runs on; null: this one. */
  readonly machine: string | null;
  /**
   * Calls it, again and again for a while when it does not answer: so `work` must be able to run twice. Throws `EngineRefusal` for what the
   * engine refuses, and `RuntimeFailure` `engine_unreachable`.
   */
  call<T>(doing: string, work: (docker: Docker) => Promise<T>): Promise<T>;
  /** The same, once: for streams. */
  once<T>(doing: string, work: (docker: Docker) => Promise<T>): Promise<T>;
}

/** The engine's own words, and its status: 404 for what is not there, 409 for a conflict. */
export class EngineRefusal extends RuntimeFailure {
  readonly status: number;

  constructor(status: number, doing: string, said: string, cause: unknown) {
    super('engine_refused', `The Docker Engine refused to ${doing}: ${said}`, { cause });
    this.status = status;
  }
}

export const isMissing = (error: unknown): boolean =>
  error instanceof EngineRefusal && error.status === 404;
export const isConflict = (error: unknown): boolean =>
  error instanceof EngineRefusal && error.status === 409;

const LOCAL = 'unix:///var/run/docker.sock';
const TRY_AGAIN_MS = 250;

export function connectEngine(address: string, certificates: string, waitMs: number): Engine {
  const name = address || LOCAL;
  const docker = new Docker(connection(name, certificates));
  const once: Engine['once'] = async (doing, work) => {
    try {
      return await work(docker);
    } catch (error) {
      throw explain(name, doing, error);
    }
  };
  const call: Engine['call'] = async (doing, work) => {
    const giveUpAt = Date.now() + waitMs;
    for (;;) {
      try {
        return await once(doing, work);
      } catch (error) {
        const gone = error instanceof RuntimeFailure && error.reasonCode === 'engine_unreachable';
        if (!gone || Date.now() >= giveUpAt) throw error;
        await pause(TRY_AGAIN_MS);
      }
    }
  };
  const { protocol, hostname } = new URL(name);
  return { name, machine: protocol === 'unix:' ? null : hostname, call, once };
}

function connection(name: string, certificates: string): Docker.DockerOptions {
  const url = new URL(name);
  switch (url.protocol) {
    case 'unix:':
      return { socketPath: url.pathname };
    case 'ssh:':
      // Through the system's ssh, so that its keys, its settings and its known hosts count.
      return Object.assign(
        { host: 'docker', protocol: 'http' as const },
        { agent: createSshAgent(url) },
      );
    case 'tcp:':
    case 'http:':
    case 'https:': {
      const at = { host: url.hostname, port: Number(url.port || (certificates ? 2376 : 2375)) };
      if (certificates === '') return { ...at, protocol: 'http' };
      const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((file) =>
        readFileSync(join(certificates, file), 'utf8'),
      );
      return { ...at, protocol: 'https', ...(ca && cert && key ? { ca, cert, key } : {}) };
    }
    default:
      throw new RuntimeFailure(
        'engine_address',
        `"${name}" is no address of a Docker Engine. Use unix:///path, tcp://host:port or ssh://user@host.`,
      );
  }
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

function explain(name: string, doing: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof RuntimeFailure) return error;
  const status = 'statusCode' in error ? error.statusCode : null;
  if (typeof status === 'number') {
    const json = 'json' in error ? error.json : null;
    const said =
      typeof json === 'object' && json !== null && 'message' in json
        ? String(json.message)
        : error.message;
    return new EngineRefusal(status, doing, said, error);
  }
  const code = 'code' in error ? String(error.code) : '';
  if (!UNREACHABLE.has(code)) return error;
  return new RuntimeFailure(
    'engine_unreachable',
    `The Docker Engine at ${name} does not answer (${code}), so Sluice could not ${doing}. Deploy again when it is back.`,
    { cause: error },
  );
}
