import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RuntimeFailure } from '../runtime.ts';
import type { Toolchains } from './toolchains.ts';

/** Commands (argument lists) that make the virtual environment and install into it. */
export interface PythonSteps {
  readonly commands: readonly (readonly string[])[];
  readonly bin: string;
}

/** The first pip that can install for another interpreter (`--python`). */
const FIRST_PIP_FOR_OTHERS = [22, 3] as const;
const WHEELS = '/usr/share/python-wheels';

/**
 * A virtual environment always, so that `python` is there and is the right one; pip only where there is something to
 * install. Debian's bare python3 has no `ensurepip`, and maybe no pip: then any other pip of the machine does it.
 * Throws `RuntimeFailure` `pip_missing`.
 */
export async function pythonSteps(
  program: string,
  venv: string,
  hasRequirements: boolean,
  toolchains: Toolchains,
): Promise<PythonSteps> {
  const bin = join(venv, 'bin');
  const python = join(bin, 'python');
  const bare = [program, '-m', 'venv', '--without-pip', venv];
  if (!hasRequirements) return { commands: [bare], bin };
  const install = (...pip: string[]) => [...pip, 'install', '-r', 'requirements.txt'];

  if (await canInstallForOthers(program)) {
    return { commands: [bare, install(program, '-m', 'pip', '--python', python)], bin };
  }
  if (await succeeds(program, ['-c', 'import ensurepip'])) {
    return { commands: [[program, '-m', 'venv', venv], install(python, '-m', 'pip')], bin };
  }
  for (const other of await toolchains.installations('python')) {
    if (await canInstallForOthers(other.program)) {
      return { commands: [bare, install(other.program, '-m', 'pip', '--python', python)], bin };
    }
  }
  const wheel = await pipWheel();
  if (wheel !== null) return { commands: [bare, install(python, join(wheel, 'pip'))], bin };
  throw new RuntimeFailure(
    'pip_missing',
    `requirements.txt cannot be installed: ${program} has neither pip nor ensurepip, and no other Python here has. ` +
      'On Debian: apt-get install python3-venv',
  );
}

async function canInstallForOthers(program: string): Promise<boolean> {
  const version = await output(program, ['-m', 'pip', '--version']);
  const [, major, minor] = /^pip (\d+)\.(\d+)/.exec(version ?? '') ?? [];
  if (major === undefined || minor === undefined) return false;
  const [firstMajor, firstMinor] = FIRST_PIP_FOR_OTHERS;
  return (
    Number(major) > firstMajor || (Number(major) === firstMajor && Number(minor) >= firstMinor)
  );
}

async function pipWheel(): Promise<string | null> {
  const names = await readdir(WHEELS).catch(() => []);
  const name = names.find((one) => /^pip-.*\.whl$/.test(one));
  return name === undefined ? null : join(WHEELS, name);
}

async function succeeds(program: string, args: string[]): Promise<boolean> {
  return (await output(program, args)) !== null;
}

async function output(program: string, args: string[]): Promise<string | null> {
  try {
    return (await promisify(execFile)(program, args, { cwd: '/', env: {}, timeout: 20_000 }))
      .stdout;
  } catch {
    return null;
  }
}
