import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Document, isMap, isSeq, parseDocument, YAMLMap, YAMLSeq } from 'yaml';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** The nearest `.travis.yml`, in `directory` or above it; null when there is none. */
export async function findTravisFile(directory: string): Promise<string | null> {
  for (let folder = directory; ; folder = dirname(folder)) {
    const candidate = join(folder, '.travis.yml');
    try {
      await readFile(candidate);
      return candidate;
    } catch {
      if (dirname(folder) === folder) return null;
    }
  }
}

/**
 * Adds encrypted values to a `.travis.yml`, comments and layout kept. `path` is dotted, such as `env.global` or
 * `deploy.api_key`. The first value under `env.global` becomes `secure: ...`, a second one turns it into a list, and
 * an `env` that was a list or a string moves to `env.jobs` (spec/travis.md 15, `encrypt`). Other paths are replaced.
 */
export function addSecureValues(
  text: string,
  path: string,
  ciphertexts: readonly string[],
  { append }: { append: boolean },
): string {
  const document: Document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new CommandError(exitCodes.failed, `.travis.yml is not valid YAML: ${problem.message}`);
  }
  if (document.contents === null) document.contents = document.createNode({});
  if (!isMap(document.contents)) {
    throw new CommandError(exitCodes.failed, '.travis.yml must be a mapping at its top level.');
  }
  const keys = path.split('.');
  if (keys[0] === 'env') wrapPlainEnv(document, keys[1] ?? 'global');
  const present = document.getIn(keys, true);
  const items = ciphertexts.map((secure) => document.createNode({ secure }));
  const kept = append && present !== undefined && present !== null ? asList(present) : [];
  const all = [...kept, ...items];
  try {
    document.setIn(keys, all.length === 1 ? all[0] : listOf(all));
  } catch {
    throw new CommandError(exitCodes.failed, `.travis.yml has no place for "${path}".`);
  }
  return document.toString({ lineWidth: 0 });
}

/** `env: A=1` and `env: [A=1]` mean the jobs' rows; they move there to make room for `env.global`. */
function wrapPlainEnv(document: Document, section: string): void {
  const env = document.get('env', true);
  if (env === undefined || env === null) return;
  const isStructured = isMap(env) && ['global', 'jobs', 'matrix'].some((name) => env.has(name));
  if (isStructured) return;
  const wrapper = new YAMLMap();
  wrapper.set(document.createNode(section === 'jobs' ? 'global' : 'jobs'), env);
  document.set('env', wrapper);
}

function listOf(items: unknown[]): YAMLSeq {
  const list = new YAMLSeq();
  list.items = items;
  return list;
}

function asList(node: unknown): unknown[] {
  return isSeq(node) ? [...node.items] : [node];
}

/** Replaces the file in one step: a crash leaves the old text or the new one. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}
