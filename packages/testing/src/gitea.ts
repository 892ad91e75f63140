import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from './free-ports.ts';
import { run } from './installation.ts';

/** Somebody at a Gitea: calls its API (`/repos/...`) as that person; throws with the answer unless it is 2xx. */
export interface GiteaUser {
  readonly name: string;
  readonly token: string;
  api<T = unknown>(method: string, path: string, body?: object): Promise<T>;
  /** A token of this person for these scopes alone, such as `read:repository`. */
  tokenFor(...scopes: readonly string[]): Promise<string>;
  /** The address by which this person pushes. */
  remote(repository: string): string;
}

/** A real, unmodified Gitea with SQLite, git over http and ssh, on free ports of this machine. */
export interface Gitea {
  readonly url: string;
  readonly sshPort: number;
  user(name: string): Promise<GiteaUser>;
  output(): string;
  stop(): Promise<void>;
}

const PASSWORD = 'Of-the-tests-1';
const START_MS = 120_000;

/** `executable`: as `script/test-gitea` builds it, with Gitea's `templates`, `options` and `public` beside it. */
export async function startGitea(executable: string): Promise<Gitea> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-gitea-'));
  const [httpPort = 0, sshPort = 0] = await freePorts(2);
  const url = `http://127.0.0.1:${httpPort}`;
  const config = join(directory, 'custom', 'conf', 'app.ini');
  await mkdir(dirname(config), { recursive: true });
  await writeFile(config, configuration({ directory, executable, httpPort, sshPort }));
  const environment = { GITEA_WORK_DIR: directory, HOME: directory };
  const gitea = async (...words: string[]): Promise<string> => {
    const done = await run(executable, ['--config', config, ...words], { environment });
    if (done.code !== 0) throw new Error(`gitea ${words.join(' ')}: ${done.stdout}${done.stderr}`);
    return done.stdout;
  };
  await gitea('migrate');

  let printed = '';
  const server: ChildProcess = spawn(executable, ['--config', config, 'web'], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [server.stdout, server.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
  }
  const stop = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGTERM');
      const hard = setTimeout(() => server.kill('SIGKILL'), 20_000);
      await once(server, 'exit');
      clearTimeout(hard);
    }
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await answering(`${url}/api/v1/version`, () => server.exitCode);
  } catch (error) {
    await stop();
    throw new Error(`Gitea does not start: ${printed}`, { cause: error });
  }

  return {
    ...{ url, sshPort, stop, output: () => printed },
    user: async (name) => {
      const create = ['admin', 'user', 'create', '--username', name, '--password', PASSWORD];
      const said = await gitea(
        ...[...create, '--email', `${name}@example.com`, '--must-change-password=false'],
        ...['--access-token', '--access-token-scopes', 'all'],
      );
      const token = /created\.* +([0-9a-f]{40})/.exec(said)?.[1];
      if (token === undefined) throw new Error(`Gitea made no token: ${said}`);
      return createUser(url, name, token);
    },
  };
}

function createUser(url: string, name: string, token: string): GiteaUser {
  const call = async <T>(authorization: string, method: string, path: string, body?: object) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  };
  return {
    ...{ name, token },
    api: (method, path, body) => call(`token ${token}`, method, path, body),
    tokenFor: async (...scopes) => {
      const basic = `Basic ${Buffer.from(`${name}:${PASSWORD}`).toString('base64')}`;
      const made = await call<{ sha1: string }>(basic, 'POST', `/users/${name}/tokens`, {
        ...{ name: `for ${scopes.join(' ')} ${Date.now()}`, scopes },
      });
      return made.sha1;
    },
    remote: (repository) => `${url.replace('://', `://${name}:${token}@`)}/${repository}.git`,
  };
}

interface Place {
  readonly directory: string;
  readonly executable: string;
  readonly httpPort: number;
  readonly sshPort: number;
}

const configuration = ({ directory, executable, httpPort, sshPort }: Place): string => `
RUN_MODE = prod
RUN_USER = ${userInfo().username}
${process.getuid?.() === 0 ? 'I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true' : ''}
WORK_PATH = ${directory}
[server]
STATIC_ROOT_PATH = ${dirname(executable)}
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${httpPort}
ROOT_URL = http://127.0.0.1:${httpPort}/
START_SSH_SERVER = true
BUILTIN_SSH_SERVER_USER = git
SSH_LISTEN_HOST = 127.0.0.1
SSH_LISTEN_PORT = ${sshPort}
SSH_DOMAIN = 127.0.0.1
SSH_PORT = ${sshPort}
OFFLINE_MODE = true
LFS_START_SERVER = false
[database]
DB_TYPE = sqlite3
[security]
INSTALL_LOCK = true
PASSWORD_HASH_ALGO = pbkdf2_v1
[webhook]
ALLOWED_HOST_LIST = loopback
[log]
LEVEL = Warn
[cron]
ENABLED = false
[actions]
ENABLED = false
[packages]
ENABLED = false
[service]
DISABLE_REGISTRATION = true
`;

async function answering(address: string, exited: () => number | null): Promise<void> {
  for (const end = Date.now() + START_MS; ; await delay(200)) {
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok === true) return;
    if (exited() !== null || Date.now() > end) throw new Error(`nothing answers at ${address}`);
  }
}
