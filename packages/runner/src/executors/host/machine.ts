import type { Stats } from 'node:fs';
import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** Facts about this machine that the view of a job depends on. */
export interface Machine {
  /** Entries of the root directory that are links, such as /bin. */
  links: { path: string; target: string }[];
  /** Root directories that jobs see read-only. */
  system: string[];
  /** Files and directories below them that others may not read, and that a job under the same user could. */
  secret: { path: string; directory: boolean }[];
  /** What /etc/resolv.conf really is, when that lies outside what jobs see. */
  resolver: string | null;
  locale: string;
  dist: string;
}

const SYSTEM = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/etc',
  '/opt',
  '/nix/store',
];

export async function inspectMachine(): Promise<Machine> {
  const links: Machine['links'] = [];
  const system: string[] = [];
  for (const path of SYSTEM) {
    const stat = await lstat(path).catch(() => null);
    if (stat?.isSymbolicLink()) {
      links.push({ path, target: await realpath(path) });
    } else if (stat) {
      system.push(path);
    }
  }
  const resolver = await realpath('/etc/resolv.conf').catch(() => null);
  const outside = resolver !== null && !system.some((path) => resolver.startsWith(`${path}/`));
  return {
    links,
    system,
    secret: await unreadableForOthers('/etc', 2),
    resolver: outside ? resolver : null,
    locale: await findLocale(),
    dist: await codename(),
  };
}

/** `/etc/sluice` and the like are readable for the user who runs the server, and would be for its jobs. */
async function unreadableForOthers(directory: string, depth: number): Promise<Machine['secret']> {
  const found: Machine['secret'] = [];
  for (const name of await readdir(directory).catch(() => [])) {
    const path = join(directory, name);
    const stat = await lstat(path).catch(() => null);
    if (!stat || stat.isSymbolicLink()) continue;
    if (!othersMayRead(stat)) found.push({ path, directory: stat.isDirectory() });
    else if (stat.isDirectory() && depth > 1) {
      found.push(...(await unreadableForOthers(path, depth - 1)));
    }
  }
  return found.filter((one) => one.directory || !one.path.startsWith('/etc/.'));
}

function othersMayRead(stat: Stats): boolean {
  const needed = stat.isDirectory() ? 0o5 : 0o4;
  return (stat.mode & needed) === needed;
}

async function findLocale(): Promise<string> {
  const compiled = await readdir('/usr/lib/locale').catch(() => []);
  if (compiled.some((name) => /^en_US\.utf-?8$/i.test(name))) return 'en_US.UTF-8';
  const archive = await readFile('/usr/lib/locale/locale-archive', 'latin1').catch(() => '');
  return archive.includes('en_US.utf8') ? 'en_US.UTF-8' : 'C.UTF-8';
}

async function codename(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^VERSION_CODENAME=(.*)$/m.exec(release)?.[1]?.replaceAll('"', '') ?? '';
}
