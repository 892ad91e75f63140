import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RuntimeFailure } from '../runtime.ts';
import { type PackageJson, type SourceFacts, STATIC_DIRECTORIES } from './plan.ts';
import { parseProcfile } from './procfile.ts';

const LARGEST_READ_BYTES = 1_000_000;

/** Looks at a checkout. Read again after the build, which may have made pages. */
export async function readSource(directory: string): Promise<SourceFacts> {
  const names = new Set(await readdir(directory));
  const procfile = await readText(join(directory, 'Procfile'));
  const packageJson = await readText(join(directory, 'package.json'));
  const pages = await Promise.all(
    STATIC_DIRECTORIES.map((name) => isFile(join(directory, name, 'index.html'))),
  );
  return {
    names,
    procfile: procfile === null ? null : parseProcfile(procfile),
    packageJson: packageJson === null ? null : parsePackageJson(packageJson),
    staticDirectories: STATIC_DIRECTORIES.filter((_, index) => pages[index] === true),
  };
}

/** The version that the commit asks for, as it is written: `3.11`, `20.x`. Null: none. */
export async function readPythonVersion(directory: string): Promise<string | null> {
  const runtime = await readText(join(directory, 'runtime.txt'));
  const fromRuntime = /^\s*python-?(\d[\w.]*)/i.exec(runtime ?? '')?.[1];
  const local = await readText(join(directory, '.python-version'));
  const fromLocal = /^\s*(\d[\w.]*)/m.exec(local ?? '')?.[1];
  return fromRuntime ?? fromLocal ?? null;
}

export async function readNodeVersion(
  directory: string,
  packageJson: PackageJson | null,
): Promise<string | null> {
  for (const name of ['.node-version', '.nvmrc']) {
    const text = await readText(join(directory, name));
    if (text !== null && text.trim() !== '') return text.trim();
  }
  return packageJson?.nodeVersion ?? null;
}

function parsePackageJson(text: string): PackageJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RuntimeFailure('package_json_invalid', `package.json is not JSON: ${error}`, {
      cause: error,
    });
  }
  const root = isRecord(value) ? value : {};
  const scripts = isRecord(root['scripts']) ? root['scripts'] : {};
  const engines = isRecord(root['engines']) ? root['engines'] : {};
  const wanted = engines['node'];
  return {
    scripts: Object.fromEntries(
      Object.entries(scripts).filter((entry): entry is [string, string] => {
        return typeof entry[1] === 'string';
      }),
    ),
    // Of a range only its first number is used: `>=18 <21`, `^20.1`, `20.x`.
    nodeVersion: typeof wanted === 'string' ? (/\d+(\.\d+)*/.exec(wanted)?.[0] ?? null) : null,
  };
}

async function readText(path: string): Promise<string | null> {
  return (await isFile(path)) ? readFile(path, 'utf8') : null;
}

/** Not through a link, which could lead anywhere on this machine: the server reads here, not the sandbox. */
async function isFile(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  return found?.isFile() === true && found.size < LARGEST_READ_BYTES;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
