import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { VENV_DIRECTORY, venvName } from '../../script/virtualenv.ts';
import type { Installation } from '../../toolchains/index.ts';

const run = promisify(execFile);

/** A program that makes a virtualenv in the home of an empty workplace, and gives that home back. */
export type VenvMaker = (
  command: readonly string[],
  use: (home: string) => Promise<void>,
) => Promise<void>;

export interface Virtualenvs {
  /** Puts a fresh virtualenv for `python` into a job's home; does nothing when none could be made. */
  copyInto(home: string, python: Installation): Promise<void>;
}

/**
 * Ready-made virtualenvs, one for each Python. `python -m venv` spends two seconds of processor time unpacking pip; a copy
 * takes a tenth. They are made in a sandbox without any job's files, so no job can have touched them, and
 * since every job has the same home they hold the right paths.
 */
export function createVirtualenvs(directory: string, make: VenvMaker): Virtualenvs {
  const known = new Map<string, Promise<string | null>>();

  const prepare = async (python: Installation): Promise<string | null> => {
    const { mtimeMs } = await stat(python.program);
    const key = createHash('sha256')
      .update(`${python.program} ${mtimeMs}`)
      .digest('hex')
      .slice(0, 16);
    const target = join(directory, `${venvName(python)}-${key}`);
    if (await exists(target)) return target;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const inside = `${VENV_DIRECTORY}/${venvName(python)}`;
    await make([python.program, '-m', 'venv', `/home/travis/${inside}`], async (home) => {
      const made = join(home, inside);
      if (!(await exists(join(made, 'bin', 'pip')))) return;
      // Another runner on the same directory may have been faster; its copy is as good.
      await rename(made, target).catch(() => undefined);
    });
    return (await exists(target)) ? target : null;
  };

  return {
    async copyInto(home, python) {
      const template = known.get(python.program) ?? prepare(python).catch(() => null);
      known.set(python.program, template);
      const source = await template;
      if (source === null) return;
      const target = join(home, VENV_DIRECTORY, venvName(python));
      await mkdir(dirname(target), { recursive: true });
      try {
        await run('cp', ['-a', '--reflink=auto', '--', source, target]);
      } catch {
        known.delete(python.program);
        await rm(target, { recursive: true, force: true });
      }
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
