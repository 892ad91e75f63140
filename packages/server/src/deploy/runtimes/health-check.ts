import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProbeTiming } from './runtime.ts';

/** One instance's health check (spec/divio.md 3.2): GET `/` to the instance itself. */
export interface HealthCheck {
  /** Tried in turn; the first that takes a connection is the instance's address. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly hostName: string;
  readonly timing: ProbeTiming;
  readonly signal: AbortSignal;
}

export interface HealthResult {
  readonly healthy: boolean;
  readonly host: string;
  readonly attempts: number;
  readonly elapsedMs: number;
  /** The last thing seen, such as `status 503` or `connection refused`. */
  readonly last: string;
}

/** Any 1xx to 4xx, and exactly 500: the application answers, and an error page of its own is its own business. */
function isHealthyStatus(status: number): boolean {
  return status >= 100 && status <= 500;
}

/** Tries until it is healthy or its time is over. Rejects only when `signal` aborts. */
export async function checkHealth(check: HealthCheck): Promise<HealthResult> {
  const { timing, signal } = check;
  const startedAt = Date.now();
  const deadline = startedAt + timing.connectWithinMs;
  const pauseMs = timing.connectWithinMs / timing.attempts;
  let attempts = 0;
  let unconnected = 0;
  let host = check.hosts[0] ?? '127.0.0.1';
  let last = 'nothing was tried';
  const result = (healthy: boolean): HealthResult => ({
    healthy,
    host,
    attempts,
    elapsedMs: Date.now() - startedAt,
    last,
  });

  while (Date.now() < deadline && unconnected < timing.attempts) {
    signal.throwIfAborted();
    attempts += 1;
    const attemptedAt = Date.now();
    const connection = await connectToAny(check, timing.connectAttemptMs);
    if (connection instanceof Error) {
      unconnected += 1;
      last = describe(connection);
    } else {
      host = connection.host;
      const status = await statusOf(connection.socket, check);
      if (typeof status === 'number') {
        last = `status ${status}`;
        if (isHealthyStatus(status)) return result(true);
      } else {
        last = describe(status);
      }
    }
    const rest = Math.max(0, Math.min(attemptedAt + pauseMs, deadline) - Date.now());
    await pause(rest, undefined, { signal });
  }
  return result(false);
}

async function connectToAny(
  check: HealthCheck,
  timeoutMs: number,
): Promise<{ socket: Socket; host: string } | Error> {
  let first: Error | null = null;
  for (const host of check.hosts) {
    const socket = await connectWithin(host, check.port, timeoutMs);
    if (!(socket instanceof Error)) return { socket, host };
    first ??= socket;
  }
  return first ?? new Error('no address to connect to');
}

function connectWithin(host: string, port: number, timeoutMs: number): Promise<Socket | Error> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(new Error(`no connection within ${timeoutMs} ms`));
    }, timeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.on('error', (error) => {
      clearTimeout(timer);
      resolve(error);
    });
  });
}

/** The status of the answer, interim ones included. Redirects are not followed. */
function statusOf(socket: Socket, check: HealthCheck): Promise<number | Error> {
  return new Promise((resolve) => {
    const settle = (outcome: number | Error) => {
      clearTimeout(timer);
      check.signal.removeEventListener('abort', onAbort);
      outgoing.destroy();
      socket.destroy();
      resolve(outcome);
    };
    const onAbort = () => settle(new Error('cancelled'));
    const outgoing = request({
      createConnection: () => socket,
      method: 'GET',
      path: '/',
      headers: { host: check.hostName, 'user-agent': 'sluice-health-check', connection: 'close' },
    });
    const timer = setTimeout(() => {
      settle(
        new Error(`connected, but no answer within ${check.timing.responseWithinMs / 1_000} s`),
      );
    }, check.timing.responseWithinMs);
    check.signal.addEventListener('abort', onAbort, { once: true });
    outgoing.on('information', (info) => settle(info.statusCode));
    outgoing.on('upgrade', (response) => settle(response.statusCode ?? 101));
    outgoing.on('response', (response) => settle(response.statusCode ?? 0));
    outgoing.on('error', (error) => settle(error));
    outgoing.on('close', () => settle(new Error('the connection was closed without an answer')));
    outgoing.end();
  });
}

function describe(error: Error): string {
  const code = 'code' in error ? error.code : null;
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'ECONNRESET') return 'the connection was closed without an answer';
  return error.message;
}
