import { readFile } from 'node:fs/promises';
import { RuntimeFailure } from '../runtime.ts';

export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
  readonly serveraddress: string;
}

/** What `docker login` keeps, by registry. Read at each use: a login takes effect at once. */
export interface Registries {
  all(): Promise<Record<string, RegistryLogin>>;
  /** For an image's name; null: nobody has logged in there. */
  of(image: string): Promise<RegistryLogin | null>;
}

export function readRegistries(file: string): Registries {
  const all = async (): Promise<Record<string, RegistryLogin>> => {
    if (file === '') return {};
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '{}';
      throw error;
    });
    return parse(file, text);
  };
  return {
    all,
    of: async (image) => (await all())[registryOf(image)] ?? null,
  };
}

/** `registry.example.com:5000/team/app:1` -> `registry.example.com:5000`; names without one are Docker Hub's. */
export function registryOf(image: string): string {
  const [first = '', rest] = image.split('/', 2);
  const isHost = rest !== undefined && (/[.:]/.test(first) || first === 'localhost');
  return isHost ? first : 'https://index.docker.io/v1/';
}

function parse(file: string, text: string): Record<string, RegistryLogin> {
  let value: {
    auths?: Record<string, { auth?: string }>;
    credHelpers?: object;
    credsStore?: string;
  };
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RuntimeFailure('registry_file', `${file} is not JSON: ${error}`, { cause: error });
  }
  const logins: Record<string, RegistryLogin> = {};
  for (const [host, { auth }] of Object.entries(value.auths ?? {})) {
    if (typeof auth !== 'string') continue;
    const [username = '', ...password] = Buffer.from(auth, 'base64').toString('utf8').split(':');
    logins[host] = { username, password: password.join(':'), serveraddress: host };
  }
  return logins;
}
