import { lchown } from 'node:fs/promises';
import { join } from 'node:path';
import {
  dropRights,
  inspectMachine,
  type Machine,
  probeSandbox,
  type SandboxMode,
  sandboxArguments,
  TOOLCHAIN_ROOTS,
} from '@sluice/runner';
import { RuntimeFailure } from '../runtime.ts';

/**
 * The surroundings of an application's process: a read-only system, its own files, a home and /tmp of its own, its
 * own process tree, no rights; where the server is root, a user of its own. Nothing else of the machine is there,
 * Sluice's data directory least of all. It shares the network, since it serves on it.
 */
export interface SandboxView {
  /** Absolute paths that it may read, at the same place. */
  readonly readable: readonly string[];
  /** Absolute paths that it may write, at the same place. */
  readonly writable: readonly string[];
  /** Becomes `SANDBOX_HOME`. */
  readonly home: string;
  /** For commands that end with whoever waits for them; applications outlive the supervisor. */
  readonly endsWithParent: boolean;
}

export const SANDBOX_HOME = '/home/app';

/** Whose id applications run under where the server is root: nobody's, below those of jobs. */
const APPLICATION_UID = 60_790;

/** While it still has its rights, nothing may be looked up on the application's own PATH. */
const absolute = (argument: string) => (argument === 'setpriv' ? '/usr/bin/setpriv' : argument);

export interface Sandbox {
  /** Options of bubblewrap and what stands before the command; null: applications run without one here. */
  enter(view: SandboxView): Promise<{ options: string[]; before: string[] } | null>;
  /** Gives directories to the user that applications run under. */
  own(paths: readonly string[]): Promise<void>;
  /** Why there is none, one sentence; null: there is one, or none is wanted. */
  problem(): Promise<string | null>;
}

/**
 * `wanted` as the setting `applicationSandbox`: with `required` everything that would run outside fails with
 * `RuntimeFailure` `sandbox_required`. `userHome`: home of whoever runs Sluice; its toolchains are shown.
 */
export function createSandbox(wanted: 'auto' | 'required' | 'off', userHome: string): Sandbox {
  type Known = { machine: Machine; mode: SandboxMode; uid: number; knowsSize: boolean };
  const look = async (): Promise<Known | string> => {
    const machine = await inspectMachine();
    const probe = await probeSandbox(machine, APPLICATION_UID);
    if (!probe.works) return probe.reason;
    const uid = probe.mode === 'ids' ? APPLICATION_UID : 1_000;
    return { machine, mode: probe.mode, uid, knowsSize: probe.knowsSize };
  };
  let known: Promise<Known | string> | null = null;
  const find = (): Promise<Known | string> => {
    known ??= look();
    return known;
  };

  return {
    enter: async ({ readable, writable, home, endsWithParent }) => {
      if (wanted === 'off') return null;
      const found = await find();
      if (typeof found === 'string') {
        if (wanted === 'auto') return null;
        throw new RuntimeFailure(
          'sandbox_required',
          `Applications must run in a sandbox (setting applicationSandbox), but here ${found}.`,
        );
      }
      const options = sandboxArguments({
        ...found,
        readOnly: [...TOOLCHAIN_ROOTS.map((root) => join(userHome, root)), ...readable],
        files: [],
        writable: [
          { from: home, to: SANDBOX_HOME },
          ...writable.map((path) => ({ from: path, to: path })),
        ],
        hidden: [],
      });
      // The runner's jobs end with it, applications do not.
      const kept = endsWithParent ? options : options.filter((one) => one !== '--die-with-parent');
      // First, since what is shown may lie below /tmp.
      const temporary = ['/tmp', '/var/tmp'].flatMap((path) => [
        '--perms',
        '1777',
        '--tmpfs',
        path,
      ]);
      return {
        options: [...temporary, ...kept],
        before: dropRights(found.mode, found.uid).map(absolute),
      };
    },
    own: async (paths) => {
      if (wanted === 'off') return;
      const found = await find();
      if (typeof found === 'string' || found.mode !== 'ids') return;
      for (const path of paths) await lchown(path, found.uid, found.uid);
    },
    problem: async () => {
      if (wanted === 'off') return null;
      const found = await find();
      return typeof found === 'string' ? found : null;
    },
  };
}
