import { closeSync, rmSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { SluiceError } from '../../errors.ts';
import { writeDurably } from '../durable.ts';
import { identify, signalProcess } from '../identity.ts';
import { makeRouterDirectories, routerPaths } from '../paths.ts';
import { trustDigest } from '../trust.ts';
import { controlProtocol } from '../types.ts';
import { Upstreams } from './backends.ts';
import { bind } from './bind.ts';
import { trustedProxies } from './client-facts.ts';
import type { ProcessConfig, StartReport } from './config.ts';
import { type Context, Counters } from './context.ts';
import { listenForControl } from './control.ts';
import { createFront } from './front.ts';
import { acquireLock } from './lock.ts';
import { createLog } from './log.ts';
import { Table } from './table.ts';

/** How long the start waits for a predecessor that still has the port. */
const portPatienceMs = 2_000;
/** How long for one that is told to give up its place. */
const placePatienceMs = 5_000;

/** Unexpected errors that are survived within a minute; a proxy that cuts every connection for one of them is worse. */
const survivableErrors = 100;

/**
 * The router's process. It owns nothing but the table and its connections, so that the server can be stopped,
 * upgraded or killed while applications go on being served.
 */
async function run(config: ProcessConfig): Promise<void> {
  process.umask(0o077);
  process.title = 'sluice-router';
  process.on('SIGHUP', () => undefined);
  const log = createLog((line) => process.stdout.write(line));
  const paths = routerPaths(config.dataDir);
  makeRouterDirectories(config.dataDir);
  const lock = await takePlace(paths.lock, config.replaces);
  if (lock === null) {
    throw new SluiceError('conflict', 'A router is running already.', {
      reason: 'already_running',
    });
  }

  const { limits } = config;
  const trust = trustDigest(config);
  const upstreams = new Upstreams(limits);
  const table = Table.load(paths.table, upstreams);
  const context: Context = {
    table,
    upstreams,
    limits,
    counters: new Counters(),
    log,
    trustedProxies: trustedProxies(config.trustedProxies),
    edge: config.edge,
  };
  const front = createFront(context);
  const port = await bind(front.server, {
    host: config.host,
    port: config.port,
    preferredPort: config.preferredPort,
    memory: paths.port,
    patienceMs: portPatienceMs,
  });
  // Running out of file descriptors and the like: the listener itself goes on.
  front.server.on('error', (error) =>
    log('error', 'the listener met an error', { error: String(error) }),
  );

  let stopping = false;
  const shutDown = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log('info', 'stopping');
    const finished = front.finish(limits.shutdownTimeoutMs);
    // From here on a successor may start: it finds no socket, no identity and no lock, and the port is free.
    control.close();
    control.closeAllConnections();
    rmSync(paths.identity, { force: true });
    lock.close();
    await finished;
    await upstreams.destroy();
    log('info', 'stopped');
    process.exit(0);
  };
  const control = await listenForControl(context, {
    socket: paths.socket,
    state: () => ({ protocol: controlProtocol, pid: process.pid, host: config.host, port, trust }),
    shutDown: () => void shutDown(),
  });
  process.on('SIGTERM', () => void shutDown());
  process.on('SIGINT', () => void shutDown());
  surviveSurprises(log);
  await writeDurably(paths.identity, `${JSON.stringify(identify(process.pid))}\n`);
  log('info', 'listening', { host: config.host, port, routes: table.routes().length });
  report(config.reportFd, { started: true, port });
}

/**
 * A predecessor is told to go only here, where its successor is loaded and ready: what it no longer accepts is refused
 * for some milliseconds instead of the time that a start takes.
 */
async function takePlace(path: string, predecessor: ProcessConfig['replaces']) {
  if (predecessor === null) return acquireLock(path);
  signalProcess(predecessor, 'SIGTERM');
  const end = Date.now() + placePatienceMs;
  for (;;) {
    const lock = acquireLock(path);
    if (lock !== null || Date.now() > end) return lock;
    await delay(1);
  }
}

function surviveSurprises(log: Context['log']): void {
  let recent = 0;
  setInterval(() => {
    recent = 0;
  }, 60_000).unref();
  const onSurprise = (error: unknown): void => {
    log('error', 'unexpected error', {
      error: error instanceof Error ? error.stack : String(error),
    });
    recent += 1;
    if (recent > survivableErrors) process.exit(1);
  };
  process.on('uncaughtException', onSurprise);
  process.on('unhandledRejection', onSurprise);
}

function report(fd: number, message: StartReport): void {
  try {
    writeSync(fd, `${JSON.stringify(message)}\n`);
    closeSync(fd);
  } catch {
    // Nobody listens any more: the server that started this router is gone, which is no reason not to serve.
  }
}

const config = JSON.parse(process.argv[2] ?? '{}') as ProcessConfig;
run(config).catch((error: unknown) => {
  const known = error instanceof SluiceError ? error : null;
  report(config.reportFd, {
    started: false,
    reason: known?.reason ?? 'internal',
    message: known?.message ?? String(error),
    remedy: known?.remedy ?? null,
  });
  process.exit(1);
});
