import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from './installation.ts';

const cache = resolve(import.meta.dirname, '../../../.cache/divio-cli');

/** The unmodified client from PyPI, in a virtual environment of its own. */
export interface DivioClient {
  readonly program: string;
  /** Its list of trusted authorities; a test adds its own there, as an administrator would to the system's. */
  readonly authorities: string;
}

/** Installs `divio-cli` of a generation once for all test files, and answers where it is. */
export async function divioClient(generation: '3' | '4'): Promise<DivioClient> {
  const folder = join(cache, generation);
  const program = join(folder, 'bin/divio');
  const authoritiesFile = join(folder, 'authorities');
  const known = await readFile(authoritiesFile, 'utf8').catch(() => null);
  if (known !== null) return { program, authorities: known };

  const making = `${folder}.${process.pid}`;
  await mkdir(cache, { recursive: true });
  const specification = generation === '3' ? 'divio-cli>=3,<4' : 'divio-cli>=4,<5';
  await must('python3', ['-m', 'venv', making]);
  await must(join(making, 'bin/python'), ['-m', 'pip', 'install', '--quiet', specification]);
  // Made aside and then put in place: another test file never sees it half installed.
  await rm(folder, { recursive: true, force: true });
  await rename(making, folder);
  await relocate(program, making, folder);
  const authorities = (
    await must(join(folder, 'bin/python'), ['-c', 'import certifi; print(certifi.where())'])
  ).trim();
  await writeFile(authoritiesFile, authorities);
  return { program, authorities };
}

async function relocate(program: string, from: string, to: string): Promise<void> {
  const text = await readFile(program, 'utf8');
  await writeFile(program, text.replaceAll(from, to));
}

async function must(program: string, words: readonly string[]): Promise<string> {
  const result = await run(program, words);
  if (result.code !== 0) {
    throw new Error(`${program} ${words.join(' ')} exited ${result.code}\n${result.stderr}`);
  }
  return result.stdout;
}
