import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { KEEP_RELEASES, type SoakPlace } from './place.ts';
import { descriptors, processesNaming } from './processes.ts';

/** What an installation holds when nothing is under way and no application is left. */
export interface Rest {
  /** Open descriptors by process. */
  readonly descriptors: Readonly<Record<string, number>>;
  /** Its processes: command lines. */
  readonly processes: readonly string[];
  /** Entries of directories that hold only what is in use, by path. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  /** Images on the disk, those of removed applications too: they can be restored for a while. */
  readonly images: number;
  readonly applications: number;
  /** Rows that wait for somebody, by what they are. */
  readonly rows: Readonly<Record<string, number>>;
}

/** Directories whose entries belong to work under way, in the data directory. */
const WORKING = ['instances', 'run', 'tasks', 'checkouts', 'remotes'];

/** Rows that are nobody's when all is quiet. */
const OPEN_ROWS = {
  'messages not consumed': 'select count(*) from messages where consumed_at is null',
  'jobs not ended': "select count(*) from jobs where state in ('created', 'queued', 'started')",
  'builds not ended': 'select count(*) from builds where finished_at is null',
  'deployments not ended': 'select count(*) from deployments where ended_at is null',
  'steps not ended': 'select count(*) from deployment_steps where ended_at is null',
  'images not built': "select count(*) from images where state = 'building'",
  'instances not stopped': "select count(*) from instances where state <> 'stopped'",
  'logs not closed':
    "select count(*) from jobs where log_ended = 0 and state in ('passed', 'failed', 'errored')",
  'runners too many': 'select count(*) - 3 from runners',
} as const;

export async function lookAtRest(place: SoakPlace): Promise<Rest> {
  const open: Record<string, number> = {};
  for (const [name, pid] of await place.processes()) open[name] = (await descriptors(pid)) ?? 0;
  const files: Record<string, string[]> = {};
  const list = async (label: string, path: string) => {
    files[label] = await readdir(path).catch(() => []);
  };
  await list('temporary files', place.tempDir);
  for (const name of WORKING) await list(name, join(place.dataDir, name));
  for (const { name } of place.runners)
    await list(`jobs of ${name}`, join(place.directory, name.replace(' ', '-'), 'jobs'));
  const rows: Record<string, number> = {};
  for (const [what, query] of Object.entries(OPEN_ROWS))
    rows[what] = Number(await place.query(query));
  const images = (await readdir(join(place.dataDir, 'builds')).catch(() => [])).length;
  const applications = Number(await place.query('select count(*) from applications'));
  const processes = [...(await processesNaming(place.directory)).values()];
  return { descriptors: open, processes, files, images, applications, rows };
}

/** Keep-alive connections and pools differ by so much from one moment to the next. */
const ROOM_DESCRIPTORS = 24;

/** What there is more of than there was. */
export function leftovers(before: Rest, now: Rest): string[] {
  const found: string[] = [];
  for (const [name, count] of Object.entries(now.descriptors)) {
    const was = before.descriptors[name] ?? 0;
    if (count > was + ROOM_DESCRIPTORS)
      found.push(`${name} has ${count} descriptors open at rest; it had ${was}`);
  }
  if (now.processes.length > before.processes.length)
    found.push(
      `${now.processes.length} processes are there; there were ${before.processes.length}:\n    ${now.processes.map((line) => line.slice(0, 300)).join('\n    ')}`,
    );
  for (const [where, names] of Object.entries(now.files)) {
    const was = before.files[where] ?? [];
    const fresh = names.filter((name) => !was.includes(name));
    if (names.length > was.length)
      found.push(`${where}: ${fresh.length} are left over: ${fresh.slice(0, 5).join(', ')}`);
  }
  // As many as are kept for a rollback, and those of deployments that failed since the last one that did not.
  const most = now.applications * (2 * KEEP_RELEASES + 2);
  if (now.images > most)
    found.push(
      `${now.images} images of ${now.applications} applications are kept, more than ${most}`,
    );
  for (const [what, count] of Object.entries(now.rows))
    if (count > 0) found.push(`${what}: ${count}`);
  return found;
}

/** Waits until nothing is left over, and answers what is when that takes too long. */
export async function settle(
  place: SoakPlace,
  before: Rest,
  withinMs: number,
): Promise<{ rest: Rest; left: string[] }> {
  const end = Date.now() + withinMs;
  for (;;) {
    const rest = await lookAtRest(place);
    const left = leftovers(before, rest);
    if (left.length === 0 || Date.now() > end) return { rest, left };
    await pause(1_000);
  }
}
