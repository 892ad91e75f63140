import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Who this machine is to a server; kept in the work directory, readable to its user alone. */
export interface Identity {
  server: string;
  uuid: string;
  name: string;
  token: string;
}

const fileIn = (directory: string) => join(directory, 'runner.json');

/** The identity that an earlier start left; null: none. Throws when the file is not what it should be. */
export async function readIdentity(directory: string): Promise<Identity | null> {
  let text: string;
  try {
    text = await readFile(fileIn(directory), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const { server, uuid, name, token } = JSON.parse(text) as Partial<Record<string, unknown>>;
  if (
    typeof server !== 'string' ||
    typeof uuid !== 'string' ||
    typeof name !== 'string' ||
    typeof token !== 'string'
  ) {
    throw new Error(`${fileIn(directory)} is damaged. Remove it and register the runner again.`);
  }
  return { server, uuid, name, token };
}

export async function writeIdentity(directory: string, identity: Identity): Promise<void> {
  const file = fileIn(directory);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${JSON.stringify(identity, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

export async function removeIdentity(directory: string): Promise<void> {
  await rm(fileIn(directory), { force: true });
}
