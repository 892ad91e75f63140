import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { holdsCredential, machineVariables } from '../host/environment.ts';
import type { ResolvedOptions } from './options.ts';
import { archiveOf, type Entry, firstFile } from './tar.ts';

export const HOME = '/home/travis';
export const USER = 'travis';
const RUN = 'run/sluice';

/** The machine's part of a job's environment, with the files that it names. */
export interface MachineShare {
  variables: Record<string, string>;
  files: Entry[];
}

/**
 * Variables that say how to get to package registries. A certificate file comes along; a directory of them cannot, and is
 * left out. A job that is not trusted gets nothing that holds a password.
 */
export async function machineShare(
  options: ResolvedOptions,
  trusted: boolean,
): Promise<MachineShare> {
  const picked = machineVariables(options.machineEnvironment, options.environment, trusted);
  const share: MachineShare = { variables: {}, files: [] };
  for (const [name, value] of Object.entries(picked)) {
    if (!isAbsolute(value)) {
      share.variables[name] = value;
      continue;
    }
    const found = await stat(value).catch(() => null);
    if (!found?.isFile()) continue;
    const path = `${RUN}/machine/${share.files.length}`;
    share.files.push({ name: path, file: value, size: found.size });
    share.variables[name] = `/${path}`;
  }
  return share;
}

/** Gives the job its user, its home and what package managers read there, in a container that is not started yet. */
export async function furnish(
  container: Docker.Container,
  options: ResolvedOptions,
  share: MachineShare,
  trusted: boolean,
): Promise<void> {
  const { uid } = options;
  const [users, groups] = await Promise.all([
    readText(container, '/etc/passwd'),
    readText(container, '/etc/group'),
  ]);
  const others = (text: string) =>
    text.split('\n').filter((line) => line !== '' && !line.startsWith(`${USER}:`));
  const lines = (...all: string[]) => `${all.join('\n')}\n`;
  const settings = await settingsFiles(options, trusted);
  const own = (name: string): Entry => ({ name, directory: true, uid });
  const entries: Entry[] = [
    {
      name: 'etc/passwd',
      text: lines(...others(users), `${USER}:x:${uid}:${uid}::${HOME}:/bin/bash`),
    },
    { name: 'etc/group', text: lines(...others(groups), `${USER}:x:${uid}:`) },
    own(HOME.slice(1)),
    own(RUN),
    ...(share.files.length > 0 ? [own(`${RUN}/machine`)] : []),
    ...share.files.map((entry) => ({ ...entry, uid })),
    ...foldersOf(settings.map(({ name }) => name)).map(own),
    ...settings.map(({ name, text }) => ({ name, text, uid, mode: 0o600 })),
  ];
  await container.putArchive(archiveOf(entries), { path: '/' });
}

async function settingsFiles(
  options: ResolvedOptions,
  trusted: boolean,
): Promise<{ name: string; text: string }[]> {
  const found = await Promise.all(
    options.settingsFiles.map(async (file) => {
      const text = await readFile(join(options.home, file), 'utf8').catch(() => null);
      if (text === null || (!trusted && holdsCredential(text))) return [];
      return [{ name: `${HOME.slice(1)}/${file}`, text }];
    }),
  );
  return found.flat();
}

/** The folders between the home directory and its files, outer ones first. */
function foldersOf(files: readonly string[]): string[] {
  const home = HOME.slice(1);
  const folders = files.flatMap((file) => {
    const parts = file.slice(home.length + 1).split('/');
    return parts.slice(1).map((_, index) => `${home}/${parts.slice(0, index + 1).join('/')}`);
  });
  return [...new Set(folders)];
}

async function readText(container: Docker.Container, path: string): Promise<string> {
  const archive = await container.getArchive({ path }).catch(() => null);
  return archive === null ? '' : ((await firstFile(archive as Readable)) ?? '');
}
