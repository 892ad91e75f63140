import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Whether one of `pids` listens on `port`. Null when it cannot be told (another user's processes). Without this look, a
 * stranger on the same port would pass the health check in place of the new instance.
 */
export function ownsPort(port: number, pids: readonly number[]): boolean | null {
  const sockets = listeningSockets(port);
  let readable = 0;
  for (const pid of pids) {
    const links = openSockets(pid);
    if (links === null) continue;
    readable += 1;
    if (links.some((inode) => sockets.has(inode))) return true;
  }
  return readable < pids.length || pids.length === 0 ? null : false;
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

function openSockets(pid: number): string[] | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
        return inode === undefined ? [] : [inode];
      } catch {
        return [];
      }
    });
  } catch {
    return null;
  }
}
