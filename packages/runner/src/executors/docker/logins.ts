import { readFile } from 'node:fs/promises';
import type { AuthConfig } from 'dockerode';
import { isMap } from '../../script/config.ts';

/** What is known of a registry's login before it is asked. */
export interface StoredLogin {
  login: AuthConfig | null;
  /** Why there is none although somebody may think that there is, as a sentence. */
  problem: string | null;
}

const HUB = 'https://index.docker.io/v1/';
const HUB_NAMES = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/** `registry.example.com:5000/team/app:1` -> `registry.example.com:5000`; names without one are Docker Hub's. */
export function registryOf(image: string): string {
  const [first = ''] = image.split('/');
  const isHost = image.includes('/') && /[.:]|^localhost$/.test(first);
  return isHost && !HUB_NAMES.has(first) ? first : HUB;
}

/**
 * What `docker login` has stored for the image's registry in that file. It is read at each use, so a login takes effect at once, and
 * goes to the engine alone: a job sees neither file nor password. Helpers that keep passwords elsewhere are not asked.
 */
export async function storedLogin(image: string, file: string): Promise<StoredLogin> {
  const none = (problem: string | null): StoredLogin => ({ login: null, problem });
  let config: unknown;
  try {
    config = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return none(`${file} is not JSON, so no login is known.`);
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return none(isMissing ? null : `${file} cannot be read, so no login is known.`);
  }
  const registry = registryOf(image);
  const { auths, credHelpers, credsStore } = isMap(config) ? config : {};
  const known = isMap(auths) ? auths : {};
  const entry = known[registry] ?? known[`https://${registry}`] ?? known[`http://${registry}`];
  if (isMap(entry) && typeof entry['auth'] === 'string' && entry['auth'] !== '') {
    const [username = '', ...password] = Buffer.from(entry['auth'], 'base64').toString().split(':');
    return {
      login: { username, password: password.join(':'), serveraddress: registry },
      problem: null,
    };
  }
  const isHelped = (isMap(credHelpers) && Object.hasOwn(credHelpers, registry)) || credsStore;
  return none(
    isHelped
      ? `${file} leaves the passwords to a credential helper, which Sluice does not ask: the login must be in the file itself.`
      : null,
  );
}
