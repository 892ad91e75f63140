import { realpath } from 'node:fs/promises';
import { posix } from 'node:path';
import type { Machine } from './machine.ts';

/**
 * `ids`: bubblewrap runs as root and the job under an id of its own, which no file of the machine belongs to.
 * `namespace`: in a user namespace, where the job has no rights but those of whoever runs the runner.
 */
export type SandboxMode = 'ids' | 'namespace';

export interface SandboxView {
  mode: SandboxMode;
  /** The id under which the job runs, as it sees it itself. */
  uid: number;
  machine: Machine;
  /** Does this bubblewrap know `--size`? */
  knowsSize: boolean;
  /** Shown read-only at the same path, where they exist. */
  readOnly: readonly string[];
  /** Shown read-only at another path. */
  files: readonly { from: string; to: string }[];
  /** Shown writable at another path. */
  writable: readonly { from: string; to: string }[];
  /** Hidden behind an empty directory: places inside something shown ({@link hiddenPlaces}). */
  hidden: readonly string[];
}

const SHARED_MEMORY_BYTES = 512 * 1024 ** 2;

/** Parts of /var and /run that programs only read. */
const READ_ONLY_STATE = [
  '/var/lib/dpkg',
  '/var/lib/ghc',
  '/run/systemd/resolve',
  '/run/resolvconf',
];

/** Bubblewrap's arguments for a job's view of the machine. Order matters: later mounts lie over earlier ones. */
export function sandboxArguments(view: SandboxView): string[] {
  const { machine } = view;
  const args: string[] = ['--unshare-pid', '--unshare-ipc', '--unshare-cgroup-try'];
  if (view.mode === 'namespace') {
    args.push('--unshare-user', '--uid', String(view.uid), '--gid', String(view.uid));
  } else {
    // Only what it takes to become somebody else; `setpriv` gives these up as well.
    args.push('--cap-drop', 'ALL');
    for (const name of ['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP']) args.push('--cap-add', name);
  }
  args.push('--die-with-parent', '--new-session');

  const made = new Set(['/', '/proc', '/dev']);
  // bubblewrap makes missing parents 0700, which would shut out a job with an id of its own.
  const directory = (path: string, perms = '0755') => {
    if (made.has(path)) return;
    directory(posix.dirname(path));
    made.add(path);
    args.push('--perms', perms, '--dir', path);
  };
  const bind = (how: '--bind' | '--ro-bind' | '--ro-bind-try', from: string, to: string) => {
    if (!isInside(to, machine.system)) directory(posix.dirname(to));
    args.push(how, from, to);
  };

  for (const path of machine.system) bind('--ro-bind', path, path);
  for (const { path, target } of machine.links) args.push('--symlink', target, path);
  args.push('--proc', '/proc', '--dev', '/dev');
  if (view.knowsSize) args.push('--size', String(SHARED_MEMORY_BYTES));
  args.push('--perms', '1777', '--tmpfs', '/dev/shm');
  for (const path of READ_ONLY_STATE) bind('--ro-bind-try', path, path);
  if (machine.resolver) bind('--ro-bind-try', machine.resolver, machine.resolver);
  for (const { path, directory: isDirectory } of machine.secret) {
    if (isDirectory) args.push('--tmpfs', path);
    else args.push('--ro-bind', '/dev/null', path);
  }
  for (const { from, to } of view.writable) bind('--bind', from, to);
  for (const path of view.readOnly) {
    if (!isInside(path, machine.system)) bind('--ro-bind-try', path, path);
  }
  for (const { from, to } of view.files) bind('--ro-bind', from, to);
  for (const path of view.hidden) args.push('--tmpfs', path, '--remount-ro', path);
  // What is left of the root is memory, and nobody's place to write.
  args.push('--remount-ro', '/');
  return args;
}

/**
 * Where `hidden` directories would come into sight inside `shown` ones. Links are followed on both sides: what is shown as
 * /opt/sluice may really lie in /srv, with the data directory in it.
 */
export async function hiddenPlaces(
  shown: readonly string[],
  hidden: readonly string[],
): Promise<string[]> {
  const real = (path: string) => realpath(path).catch(() => null);
  const targets = (await Promise.all(hidden.map(real))).filter((path) => path !== null);
  const places = await Promise.all(
    shown.map(async (path) => {
      const source = await real(path);
      if (source === null) return [];
      return targets
        .filter((target) => isInside(target, [source]))
        .map((target) => posix.join(path, target.slice(source.length)));
    }),
  );
  return [...new Set(places.flat())];
}

function isInside(path: string, directories: readonly string[]): boolean {
  return directories.some((one) => path === one || path.startsWith(`${one}/`));
}

/** What stands before the job's own command: gives up every right that is left and, as root, the id. */
export function dropRights(mode: SandboxMode, uid: number): string[] {
  if (mode === 'namespace') return [];
  return [
    'setpriv',
    '--reuid',
    String(uid),
    '--regid',
    String(uid),
    '--clear-groups',
    '--inh-caps=-all',
    '--bounding-set=-all',
    '--no-new-privs',
    '--',
  ];
}
