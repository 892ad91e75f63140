import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePorts } from './free-ports.ts';

/** A real registry of images on this machine that only `sluice` with `password` may use. */
export interface DockerRegistry {
  /** `127.0.0.1:PORT`; engines take loopback addresses without TLS. */
  readonly address: string;
  readonly password: string;
  /** As `docker login` would write it. */
  readonly loginFile: string;
  stop(): Promise<void>;
}

export async function startDockerRegistry(): Promise<DockerRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-registry-'));
  const password = 'correct-horse';
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  // The registry wants bcrypt, which perl has from the system's library.
  const hash = execFileSync('perl', [
    '-e',
    'print crypt($ARGV[0], $ARGV[1])',
    password,
    '$2b$05$abcdefghijklmnopqrstuu',
  ]);
  await writeFile(join(directory, 'htpasswd'), `sluice:${hash}\n`);
  const configuration = {
    version: '0.1',
    storage: { filesystem: { rootdirectory: join(directory, 'images') } },
    http: { addr: address },
    auth: { htpasswd: { realm: 'test', path: join(directory, 'htpasswd') } },
  };
  await writeFile(join(directory, 'config.yml'), JSON.stringify(configuration));
  const auth = Buffer.from(`sluice:${password}`).toString('base64');
  const loginFile = join(directory, 'login.json');
  await writeFile(loginFile, JSON.stringify({ auths: { [address]: { auth } } }));
  const child = spawn('docker-registry', ['serve', join(directory, 'config.yml')], {
    stdio: 'ignore',
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  for (let attempt = 0; ; attempt += 1) {
    const status = await fetch(`http://${address}/v2/`).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 401) break;
    if (attempt > 600) throw new Error('docker-registry did not start');
    await pause(100);
  }
  return {
    address,
    password,
    loginFile,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
