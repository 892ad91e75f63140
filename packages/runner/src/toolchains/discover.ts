import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readdir, realpath } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { ON_PATH, PLACES, type Place, PROGRAMS } from './places.ts';
import { type Installation, TOOLS } from './types.ts';
import { compareVersions } from './version.ts';

export interface DiscoverOptions {
  /** Home directory of whoever runs the runner. */
  home: string;
  /** PATH of the runner's own process. */
  path: string;
}

/** How long a program may take to say its version before it is left out. */
const ASK_MS = 5_000;

/**
 * Every toolchain that people commonly have on a machine: what version managers keep in the home directory, and
 * programs on PATH. Shims of version managers are left out, since they do not work in another home.
 */
export async function discoverToolchains(options: DiscoverOptions): Promise<Installation[]> {
  const found = await Promise.all([
    ...PLACES.map((place) => fromPlace(place, options.home)),
    fromPath(options),
  ]);
  const seen = new Set<string>();
  const unique = found.flat().filter((one) => {
    const key = `${one.tool} ${one.program}`;
    return seen.has(key) ? false : seen.add(key);
  });
  return unique.sort(
    (a, b) =>
      TOOLS.indexOf(a.tool) - TOOLS.indexOf(b.tool) || compareVersions(b.version, a.version),
  );
}

async function fromPlace(place: Place, home: string): Promise<Installation[]> {
  const root = isAbsolute(place.directory) ? place.directory : join(home, place.directory);
  const names = await readdir(root).catch(() => []);
  const found = await Promise.all(
    names.map(async (name): Promise<Installation | null> => {
      const match = place.name.exec(name);
      const version = match?.groups?.['version'];
      if (!version) return null;
      if (await isAlias(root, name)) return null;
      const bin = join(root, name, place.bin);
      const program = await firstProgram(bin, PROGRAMS[place.tool]);
      if (!program) return null;
      const flavour = match.groups?.['flavour'] ?? plainFlavour(place.tool);
      return { tool: place.tool, flavour, version, bin, program, source: place.source };
    }),
  );
  return found.filter((one) => one !== null);
}

/** mise and Debian's JDKs keep several names for one version: only the real one counts. */
async function isAlias(root: string, name: string): Promise<boolean> {
  const [above, real] = await Promise.all([
    realpath(root).catch(() => root),
    realpath(join(root, name)).catch(() => null),
  ]);
  return real !== null && real !== join(above, name) && dirname(real) === above;
}

const plainFlavour = (tool: Installation['tool']) => (tool === 'python' ? 'cpython' : tool);

async function firstProgram(bin: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) {
    const path = join(bin, name);
    if (await isExecutable(path)) return path;
  }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function fromPath(options: DiscoverOptions): Promise<Installation[]> {
  const directories = new Set([
    ...options.path.split(delimiter),
    '/usr/local/bin',
    '/usr/bin',
    '/usr/local/go/bin',
  ]);
  const asked = new Map<string, Promise<Installation | null>>();
  for (const directory of directories) {
    if (
      !isAbsolute(directory) ||
      directory.includes('/shims') ||
      directory.includes('/node_modules')
    )
      continue;
    if (!isSystemDirectory(directory)) continue;
    for (const name of await readdir(directory).catch(() => [])) {
      const kind = ON_PATH.find((one) => one.name.test(name));
      if (!kind) continue;
      const path = join(directory, name);
      const real = await realpath(path).catch(() => null);
      if (real === null) continue;
      const key = `${kind.tool} ${real}`;
      if (asked.has(key)) continue;
      asked.set(
        key,
        askVersion(path, kind.ask).then((version) =>
          version === null
            ? null
            : {
                tool: kind.tool,
                flavour: kind.flavour ?? plainFlavour(kind.tool),
                version,
                bin: directory,
                program: path,
                source: 'PATH',
              },
        ),
      );
    }
  }
  return (await Promise.all(asked.values())).filter((one) => one !== null);
}

/** Only what a job can see: the sandbox shows the system's directories, and of a home the version managers' alone. */
function isSystemDirectory(directory: string): boolean {
  return /^\/(usr|opt|bin|snap)(\/|$)/.test(directory);
}

function askVersion(program: string, args: string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { timeout: ASK_MS, env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' } };
    execFile(program, args, options, (error, stdout, stderr) => {
      const match = /(\d+\.\d+(?:\.\d+)?(?:[abrc]+\d+|\+)?)/.exec(`${stdout}\n${stderr}`);
      resolve(error || !match ? null : (match[1] as string).replace('+', ''));
    });
  });
}
