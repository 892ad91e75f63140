import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { promisify } from 'node:util';
import {
  chooseInstallation,
  discoverToolchains,
  type Installation,
  TOOLCHAIN_ROOTS,
} from '@sluice/runner';
import { RuntimeFailure } from '../runtime.ts';

interface ChosenTool {
  readonly installation: Installation;
  /** A line for the log where it is not the version that was asked for. */
  readonly notice: string | null;
}

export interface Toolchains {
  /** Throws `RuntimeFailure` `toolchain_missing`. `wanted` null: what the machine means by `python3` or `node`. */
  choose(tool: 'python' | 'node', wanted: string | null): Promise<ChosenTool>;
  installations(tool: 'python' | 'node'): Promise<Installation[]>;
}

/** `home` and `path` are those of whoever runs the server. */
export function createToolchains(home: string, path: string): Toolchains {
  const all = () => discoverToolchains({ home, path });

  const standardPython = async (): Promise<string | null> => {
    try {
      const { stdout } = await promisify(execFile)(
        'python3',
        ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'],
        { env: { PATH: path, HOME: home }, cwd: '/', timeout: 10_000 },
      );
      return stdout.trim();
    } catch {
      return null;
    }
  };

  return {
    installations: async (tool) => (await all()).filter((one) => one.tool === tool),
    choose: async (tool, wanted) => {
      const standard = tool === 'python' && wanted === null ? await standardPython() : null;
      const choice = chooseInstallation(tool, wanted, await all(), {
        strict: false,
        ...(standard === null ? {} : { fallback: standard }),
      });
      if (choice.kind === 'missing') throw new RuntimeFailure('toolchain_missing', choice.message);
      return { installation: choice.installation, notice: choice.notice };
    },
  };
}

/**
 * What a sandbox must show for an installation: nothing where the system or the toolchain directories have it, else
 * the directory that it was installed to, but never one that holds somebody's home or Sluice's data.
 */
export async function extraReadable(
  installation: Installation,
  home: string,
  dataDir: string,
): Promise<string[]> {
  const program = await realpath(installation.program);
  const shown = ['/usr', '/opt', '/nix', ...TOOLCHAIN_ROOTS.map((root) => `${home}/${root}`)];
  if (shown.some((root) => isInside(program, root))) return [];
  const prefix = dirname(dirname(program));
  const tooWide = prefix === sep || isInside(home, prefix) || isInside(dataDir, prefix);
  return [tooWide ? program : prefix];
}

function isInside(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory + sep);
}
