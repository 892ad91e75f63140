import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import type { AuthConfig } from 'dockerode';
import { isMap } from '../../script/config.ts';

export interface PullOptions {
  policy: 'missing' | 'always' | 'never';
  limitMs: number;
  /** Home directory of whoever runs the runner, for what `docker login` has stored. */
  home: string;
  machineEnvironment: NodeJS.ProcessEnv;
  signal: AbortSignal;
  say(text: string): Promise<void> | void;
}

/** Makes sure that the engine has the image. Rejects with a sentence that names it. */
export async function ensureImage(
  engine: Docker,
  image: string,
  options: PullOptions,
): Promise<void> {
  if (options.policy !== 'always' && (await isThere(engine, image))) return;
  if (options.policy === 'never') {
    throw new Error(`The image ${image} is not on the engine, and this runner pulls none.`);
  }
  await options.say(`Pulling the image ${image}.`);
  const limit = AbortSignal.any([options.signal, AbortSignal.timeout(options.limitMs)]);
  try {
    const authconfig = await storedLogin(image, options);
    const stream = await engine.pull(image, {
      abortSignal: limit,
      ...(authconfig ? { authconfig } : {}),
    });
    await new Promise<void>((resolve, reject) => {
      engine.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()));
    });
  } catch (error) {
    if (options.policy === 'always' && (await isThere(engine, image))) return;
    const reason = limit.aborted
      ? `it was not there after ${Math.round(options.limitMs / 1_000)} seconds`
      : messageOf(error);
    throw new Error(`The image ${image} cannot be had: ${reason}`);
  }
}

function isThere(engine: Docker, image: string): Promise<boolean> {
  return engine
    .getImage(image)
    .inspect()
    .then(
      () => true,
      () => false,
    );
}

/** The engine's own words, without the library's frame around them. */
export function messageOf(error: unknown): string {
  const json = (error as { json?: unknown }).json;
  if (isMap(json) && typeof json['message'] === 'string') return json['message'];
  return error instanceof Error ? error.message : String(error);
}

const HUB = 'https://index.docker.io/v1/';

/** What `docker login` has stored for the image's registry. Helpers that keep passwords elsewhere are not asked. */
async function storedLogin(image: string, options: PullOptions): Promise<AuthConfig | null> {
  const folder = options.machineEnvironment['DOCKER_CONFIG'] || join(options.home, '.docker');
  const text = await readFile(join(folder, 'config.json'), 'utf8').catch(() => '{}');
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    return null;
  }
  const auths = isMap(config) && isMap(config['auths']) ? config['auths'] : {};
  const [first = ''] = image.split('/');
  const registry = image.includes('/') && /[.:]|^localhost$/.test(first) ? first : HUB;
  const entry = auths[registry] ?? auths[`https://${registry}`];
  if (!isMap(entry) || typeof entry['auth'] !== 'string') return null;
  const [username = '', ...password] = Buffer.from(entry['auth'], 'base64').toString().split(':');
  return { username, password: password.join(':'), serveraddress: registry };
}
