import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { request } from 'node:http';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SluiceError } from '../../errors.ts';
import { programFile } from '../../program-file.ts';
import { isRunning, readIdentity, signalProcess } from '../../router/identity.ts';
import { makeSupervisorDirectories, supervisorPaths } from './paths.ts';
import {
  type InstanceSpec,
  type InstanceStatus,
  type InstanceUsage,
  type SupervisorState,
  supervisorProtocol,
  type TaskSpec,
} from './types.ts';

/** The server's hand on the supervisor. Every call starts a supervisor first where none answers. */
export interface Supervisor {
  /** Starts or adopts the process, and from now on starts it again when it dies. */
  watch(): Promise<void>;
  /** Ends the watching; the process and its instances go on. */
  unwatch(): Promise<void>;
  instances(): Promise<InstanceStatus[]>;
  /** What each instance uses now; null where an older supervisor is at work, which cannot say. */
  usage(): Promise<InstanceUsage[] | null>;
  /** Idempotent by `spec.id`. */
  startInstance(spec: InstanceSpec): Promise<InstanceStatus>;
  /** Resolves when every process of it is gone; an unknown one is. */
  stopInstance(id: string, graceMs: number): Promise<void>;
  /** Answers false where the task's directory exists: somebody started it before. */
  startTask(spec: TaskSpec): Promise<boolean>;
}

export interface SupervisorOptions {
  readonly dataDir: string;
  readonly watchEveryMs?: number;
  /** First pause before a crashed instance is started again. */
  readonly backOffMs?: number;
}

const ANSWER_WITHIN_MS = 3_000;
const START_WITHIN_MS = 15_000;

export function createSupervisor(given: SupervisorOptions): Supervisor {
  // The process works in another directory.
  const options = { ...given, dataDir: resolve(given.dataDir) };
  const { dataDir, watchEveryMs = 1_000 } = options;
  const { socket } = supervisorPaths(dataDir);
  const stopping = new AbortController();
  let ensuring: Promise<void> | null = null;
  let watching: Promise<void> | null = null;

  const ensure = (): Promise<void> => {
    ensuring ??= ensureSupervisor(options).finally(() => {
      ensuring = null;
    });
    return ensuring;
  };

  /** All calls are idempotent, so one that met a dying supervisor is simply made again. */
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await callSocket(socket, method, path, { body });
      } catch (error) {
        if (error instanceof SluiceError || attempt === 4) throw error;
        await ensure();
      }
    }
  };

  const watchLoop = async () => {
    while (!stopping.signal.aborted) {
      await ensure().catch(() => undefined);
      await pause(watchEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };

  return {
    watch: async () => {
      await ensure();
      watching ??= watchLoop();
    },
    unwatch: async () => {
      stopping.abort();
      await watching;
    },
    instances: async () => (await call('GET', '/instances')) as InstanceStatus[],
    usage: async () => {
      try {
        return (await call('GET', '/usage')) as InstanceUsage[];
      } catch (error) {
        // It refused: the call came after it. Its applications are no reason to replace it.
        if (error instanceof SluiceError && error.reason === 'refused') return null;
        throw error;
      }
    },
    startInstance: async (spec) =>
      (await call('PUT', `/instances/${spec.id}`, spec)) as InstanceStatus,
    stopInstance: async (id, graceMs) => {
      await call('DELETE', `/instances/${id}?grace=${graceMs}`);
    },
    startTask: async (spec) => {
      const answer = (await call('PUT', `/tasks/${spec.id}`, spec)) as { started: boolean };
      return answer.started;
    },
  };
}

/** Makes sure that a supervisor of our protocol answers; replaces one that hangs or speaks another. */
async function ensureSupervisor({ dataDir, backOffMs }: SupervisorOptions): Promise<void> {
  const paths = supervisorPaths(dataDir);
  const state = await supervisorState(paths.socket);
  if (state?.protocol === supervisorProtocol) return;
  const old = readIdentity(paths.identity);
  // Its applications do not mind: the next one adopts them.
  if (old !== null && isRunning(old)) signalProcess(old, 'SIGKILL');

  makeSupervisorDirectories(dataDir);
  const giveUpAt = Date.now() + START_WITHIN_MS;
  while (Date.now() < giveUpAt) {
    const child = spawnSupervisor(dataDir, paths.ownLog, backOffMs);
    // It exits at once where another server was quicker, or the old one has not let go of the lock yet.
    while (child.exitCode === null && child.signalCode === null && Date.now() < giveUpAt) {
      const answering = await supervisorState(paths.socket);
      if (answering?.protocol === supervisorProtocol) {
        // One that lost the race and is still on its way must not wake up later, when the winner was told to end.
        if (answering.pid !== child.pid) child.kill('SIGKILL');
        return;
      }
      await pause(25);
    }
    await pause(50);
  }
  throw new SluiceError('unavailable', 'The supervisor of the applications does not start.', {
    remedy: `See ${paths.ownLog}.`,
  });
}

function spawnSupervisor(
  dataDir: string,
  logPath: string,
  backOffMs: number | undefined,
): ChildProcess {
  mkdirSync(dataDir, { recursive: true });
  const log = openSync(logPath, 'a', 0o600);
  const program = programFile('process/main', import.meta.url);
  const backOff = backOffMs === undefined ? [] : ['--back-off-ms', String(backOffMs)];
  const child = spawn(process.execPath, [program, '--data', dataDir, ...backOff], {
    cwd: '/',
    detached: true,
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.on('error', () => undefined);
  child.unref();
  return child;
}

async function supervisorState(socket: string): Promise<SupervisorState | null> {
  try {
    return (await callSocket(socket, 'GET', '/state', {
      timeoutMs: ANSWER_WITHIN_MS,
    })) as SupervisorState;
  } catch {
    return null;
  }
}

/** @throws SluiceError when the supervisor refused, another error when it could not be asked */
export function callSocket(
  socketPath: string,
  method: string,
  path: string,
  { body, timeoutMs }: { body?: unknown; timeoutMs?: number } = {},
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method, path, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('close', () => {
        if (!response.complete) reject(new Error('the supervisor went away while it answered'));
      });
      response.on('end', () => {
        const answer: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        if (response.statusCode === 200) resolve(answer);
        else {
          reject(
            new SluiceError('unavailable', `The supervisor refused: ${reason(answer)}`, {
              reason: 'refused',
            }),
          );
        }
      });
    });
    if (timeoutMs !== undefined) {
      outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error('no answer in time')));
    }
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function reason(answer: unknown): string {
  return typeof answer === 'object' && answer !== null && 'error' in answer
    ? String(answer.error)
    : 'no reason given';
}

/**
 * Ends all instances and the supervisor itself, and waits until it is gone. Where it died but its instances may
 * live, another is started first, since only it knows them.
 */
export async function shutDownSupervisor(dataDir: string, graceMs: number): Promise<void> {
  const paths = supervisorPaths(dataDir);
  if ((await supervisorState(paths.socket)) === null) {
    if (!existsSync(paths.instances)) return;
    await ensureSupervisor({ dataDir });
  }
  const identity = readIdentity(paths.identity);
  await callSocket(paths.socket, 'POST', `/shutdown?grace=${graceMs}`);
  for (const giveUpAt = Date.now() + 5_000; identity !== null && isRunning(identity); ) {
    if (Date.now() > giveUpAt) signalProcess(identity, 'SIGKILL');
    await pause(20);
  }
}
