import { execFile } from 'node:child_process';
import type { Machine } from './machine.ts';
import { dropRights, type SandboxMode, sandboxArguments } from './sandbox.ts';

export type Probe =
  | { works: true; mode: SandboxMode; knowsSize: boolean }
  | { works: false; reason: string };

const PROBE_MS = 10_000;

/** Tries bubblewrap the way jobs will use it, once, since what a kernel and a container allow cannot be read anywhere. */
export async function probeSandbox(machine: Machine, uid: number): Promise<Probe> {
  const help = await attempt('bwrap', ['--help']);
  if (help.missing) return { works: false, reason: 'bubblewrap (bwrap) is not installed' };
  const knowsSize = /^\s*--size\b/m.test(help.output);
  const modes: SandboxMode[] = process.getuid?.() === 0 ? ['ids', 'namespace'] : ['namespace'];
  let reason = '';
  for (const mode of modes) {
    const id = mode === 'ids' ? uid : 1000;
    const view = {
      mode,
      uid: id,
      machine,
      knowsSize,
      readOnly: [],
      files: [],
      writable: [],
      hidden: [],
    };
    const rights = dropRights(mode, id);
    const result = await attempt('bwrap', [...sandboxArguments(view), '--', ...rights, 'true']);
    if (result.ok) return { works: true, mode, knowsSize };
    reason = result.output.trim().split('\n')[0] ?? '';
  }
  return { works: false, reason: reason || 'bubblewrap did not start' };
}

function attempt(
  program: string,
  args: string[],
): Promise<{ ok: boolean; missing: boolean; output: string }> {
  return new Promise((resolve) => {
    const env = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' };
    execFile(program, args, { timeout: PROBE_MS, env }, (error, stdout, stderr) => {
      const missing = (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
      resolve({ ok: error === null, missing, output: `${stdout}${stderr}` });
    });
  });
}
