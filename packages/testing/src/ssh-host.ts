import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from './free-ports.ts';
import { findProgram } from './requirement.ts';

/** A real sshd on a high port of this machine, without privileges, that runs git for one key. */
export interface SshHost {
  /** `ssh://…/<path of a repository>`. */
  urlOf(path: string): string;
  /** The line of a public key that may come in; replaces the one before. */
  allow(publicKey: string): Promise<void>;
  /** Shows another host key from the next connection on. */
  changeHostKey(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export const SSHD = '/usr/sbin/sshd';

/** Needs Debian's `openssh-server`: ask `findProgram(SSHD)` first. */
export async function createSshHost(): Promise<SshHost> {
  if (findProgram(SSHD) === null) throw new Error(`there is no ${SSHD}`);
  const root = await mkdtemp(join(tmpdir(), 'sluice-sshd-'));
  const [port = 0] = await freePorts(1);
  const file = (name: string) => join(root, name);
  let child: ChildProcess | null = null;

  const newHostKey = async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ format: 'pem', type: 'sec1' });
    await writeFile(file('host_key'), pem, { mode: 0o600 });
  };
  await newHostKey();
  await chmod(root, 0o700);
  // sshd started by root insists on it; by anybody else it does without.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  await writeFile(file('keys'), '', { mode: 0o600 });
  await writeFile(
    file('config'),
    [
      ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${file('host_key')}`],
      ...[`AuthorizedKeysFile ${file('keys')}`, 'StrictModes no', 'UsePAM no'],
      ...['PasswordAuthentication no', 'KbdInteractiveAuthentication no'],
      ...[`PidFile ${file('pid')}`, 'PermitRootLogin yes', ''],
    ].join('\n'),
  );

  const stop = async () => {
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    child = null;
  };
  const start = async () => {
    child = spawn(SSHD, ['-D', '-e', '-f', file('config')], { stdio: 'ignore' });
    while (!(await answers(port))) await delay(50);
  };
  await start();

  return {
    ...{ start, stop },
    urlOf: (path) => `ssh://${userInfo().username}@127.0.0.1:${port}${path}`,
    allow: (publicKey) => writeFile(file('keys'), `${publicKey}\n`, { mode: 0o600 }),
    changeHostKey: async () => {
      await stop();
      await newHostKey();
      await start();
    },
    close: async () => {
      await stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      done(true);
      socket.destroy();
    });
    socket.once('error', () => done(false));
  });
}
