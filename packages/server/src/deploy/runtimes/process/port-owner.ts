import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** `unreadable`: it cannot be told, for they are another user's. `absent`: none of them is there. */
export type Ownership = 'owned' | 'not_owned' | 'unreadable' | 'absent';

/**
 * Whether one of `pids` listens on `port`. Without this look, a stranger on the same port would pass the health check
 * in place of the new instance.
 */
export function ownership(port: number, pids: readonly number[]): Ownership {
  const sockets = listeningSockets(port);
  let there = 0;
  let readable = 0;
  for (const pid of pids) {
    const links = openSockets(pid);
    if (links === 'gone') continue;
    there += 1;
    if (links === 'unreadable') continue;
    readable += 1;
    if (links.some((inode) => sockets.has(inode))) return 'owned';
  }
  if (there === 0) return 'absent';
  return readable < there ? 'unreadable' : 'not_owned';
}

function listeningSockets(port: number): Set<string> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const found = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readTable(table).slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === '0A' && local?.endsWith(wanted) === true && inode !== undefined) {
        found.add(inode);
      }
    }
  }
  return found;
}

function readTable(path: string): string[] {
  try {
    return readFileSync(path, 'latin1').split('\n');
  } catch {
    return [];
  }
}

function openSockets(pid: number): string[] | 'gone' | 'unreadable' {
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code === 'ENOENT' || code === 'ESRCH' ? 'gone' : 'unreadable';
  }
  return names.flatMap((fd) => {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode === undefined ? [] : [inode];
    } catch {
      return [];
    }
  });
}
