import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommandError, exitCodes } from './exit-codes.ts';

/** One server's login, as kept in the credentials file. */
export interface Login {
  readonly token: string;
  readonly email: string;
}

interface CredentialsFile {
  /** Address of the server that commands talk to when none is named. */
  current: string | null;
  servers: Record<string, Login>;
}

/** The logins of this person on this machine, in a file that only its owner can read. */
export interface Credentials {
  current(): Promise<string | null>;
  find(server: string): Promise<Login | null>;
  save(server: string, login: Login): Promise<void>;
  /** Answers whether there was one. */
  remove(server: string): Promise<boolean>;
}

export function credentialsPath(environment: NodeJS.ProcessEnv): string {
  const home = environment['HOME'] ?? '.';
  const base = environment['XDG_CONFIG_HOME'] || join(home, '.config');
  return join(base, 'sluice', 'credentials.json');
}

export function createCredentials(path: string): Credentials {
  const read = async (): Promise<CredentialsFile> => {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        return { current: null, servers: {} };
      }
      throw error;
    }
    try {
      const content: CredentialsFile = JSON.parse(text);
      return { current: content.current ?? null, servers: { ...content.servers } };
    } catch {
      throw new CommandError(
        exitCodes.failed,
        `${path} is damaged. Remove it and log in again with "sluice login".`,
      );
    }
  };

  const write = async (content: CredentialsFile): Promise<void> => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const temporary = `${path}.${randomBytes(6).toString('hex')}`;
    await writeFile(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    await chmod(temporary, 0o600);
    await rename(temporary, path);
  };

  return {
    current: async () => (await read()).current,
    find: async (server) => (await read()).servers[server] ?? null,
    save: async (server, login) => {
      const content = await read();
      content.servers[server] = login;
      content.current = server;
      await write(content);
    },
    remove: async (server) => {
      const content = await read();
      if (!(server in content.servers)) return false;
      delete content.servers[server];
      if (content.current === server) content.current = Object.keys(content.servers)[0] ?? null;
      await write(content);
      return true;
    },
  };
}
