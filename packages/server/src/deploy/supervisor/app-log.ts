import { appendFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** One line of an application, as `app logs` shows it. `timestamp` is ISO 8601, UTC. */
export interface ApplicationLogEntry {
  readonly timestamp: string;
  readonly service: string;
  readonly message: string;
  /** Which instance wrote it; null: the supervisor itself. */
  readonly instance: string | null;
}

/**
 * The log of an environment: JSON lines `{"t","service","m","i"}` in `app-<environment>.log`, at most
 * `segmentBytes` long; full segments are renamed to `app-<environment>.<n>.log` with a rising `n` and the oldest
 * are removed. A place in the log is (segment number, byte), which a rename does not change.
 */
export interface AppLogLimits {
  readonly segmentBytes: number;
  readonly keptSegments: number;
}

const defaultAppLogLimits: AppLogLimits = {
  segmentBytes: 8 * 1024 * 1024,
  keptSegments: 4,
};

export interface AppLogWriter {
  /** Appends lines in one write. Never throws: a full disk must not stop applications. */
  write(
    environmentUuid: string,
    source: { readonly service: string; readonly instance: string | null },
    messages: readonly string[],
  ): void;
}

export function createAppLogWriter(
  directory: string,
  limits: AppLogLimits = defaultAppLogLimits,
): AppLogWriter {
  const lost = new Map<string, number>();
  return {
    write: (environmentUuid, { service, instance: i }, messages) => {
      const t = new Date().toISOString();
      const dropped = lost.get(environmentUuid) ?? 0;
      const lines = messages.map((m) => `${JSON.stringify({ t, service, m, i })}\n`);
      if (dropped > 0) {
        const m = `${dropped} lines could not be written and are lost`;
        lines.unshift(`${JSON.stringify({ t, service: 'sluice', m, i: null })}\n`);
      }
      const path = currentPath(directory, environmentUuid);
      try {
        appendFileSync(path, lines.join(''), { mode: 0o600 });
        if (dropped > 0) lost.delete(environmentUuid);
        if (statSync(path).size >= limits.segmentBytes) rotate(directory, environmentUuid, limits);
      } catch {
        lost.set(environmentUuid, dropped + messages.length);
      }
    },
  };
}

/**
 * A page of the log. With `cursor` null the newest `limit` entries, else those after the cursor; always oldest
 * first, with a cursor that goes on after the last of them. A cursor whose segment was removed, or that is not one
 * of ours, goes on with the oldest entry that is still there.
 */
export async function readApplicationLog(
  directory: string,
  environmentUuid: string,
  cursor: string | null,
  limit: number,
): Promise<{ entries: ApplicationLogEntry[]; cursor: string }> {
  const segments = listSegments(directory, environmentUuid);
  return cursor === null
    ? readNewest(segments, limit)
    : readAfter(segments, knownPlace(segments, parseCursor(cursor)), limit);
}

interface Segment {
  readonly number: number;
  readonly path: string;
}

interface Place {
  readonly segment: number;
  readonly byte: number;
}

function currentPath(directory: string, environmentUuid: string): string {
  return join(directory, `app-${environmentUuid}.log`);
}

/** Oldest first; the last one is being written and may not exist yet. */
function listSegments(directory: string, environmentUuid: string): Segment[] {
  const pattern = /^\.(\d{1,15})\.log$/;
  const prefix = `app-${environmentUuid}`;
  const full = readdirSafely(directory)
    .filter((name) => name.startsWith(prefix))
    .flatMap((name) => {
      const number = pattern.exec(name.slice(prefix.length))?.[1];
      return number === undefined ? [] : [{ number: Number(number), path: join(directory, name) }];
    })
    .sort((a, b) => a.number - b.number);
  const number = (full.at(-1)?.number ?? 0) + 1;
  return [...full, { number, path: currentPath(directory, environmentUuid) }];
}

function rotate(directory: string, environmentUuid: string, limits: AppLogLimits): void {
  const segments = listSegments(directory, environmentUuid);
  const current = segments.at(-1);
  if (current === undefined) return;
  renameSync(current.path, join(directory, `app-${environmentUuid}.${current.number}.log`));
  for (const old of segments.slice(0, -limits.keptSegments)) rmSync(old.path, { force: true });
}

async function readNewest(
  segments: readonly Segment[],
  limit: number,
): Promise<{ entries: ApplicationLogEntry[]; cursor: string }> {
  let entries: ApplicationLogEntry[] = [];
  let end: Place | null = null;
  for (const segment of segments.toReversed()) {
    const read = await readLines(segment, 0);
    end ??= { segment: segment.number, byte: read.end };
    entries = [...read.lines.map((line) => line.entry), ...entries];
    if (entries.length >= limit) break;
  }
  return { entries: entries.slice(-limit), cursor: formatCursor(end ?? { segment: 1, byte: 0 }) };
}

async function readAfter(
  segments: readonly Segment[],
  place: Place,
  limit: number,
): Promise<{ entries: ApplicationLogEntry[]; cursor: string }> {
  const entries: ApplicationLogEntry[] = [];
  let at = place;
  for (const segment of segments) {
    if (segment.number < place.segment) continue;
    const from = segment.number === place.segment ? place.byte : 0;
    const read = await readLines(segment, from);
    const wanted = read.lines.slice(0, limit - entries.length);
    entries.push(...wanted.map((line) => line.entry));
    at = { segment: segment.number, byte: wanted.at(-1)?.end ?? from };
    if (entries.length >= limit) break;
  }
  return { entries, cursor: formatCursor(at) };
}

/** Whole lines from byte `from` on; a last line that is still being written is left for the next time. */
async function readLines(
  segment: Segment,
  from: number,
): Promise<{ lines: { entry: ApplicationLogEntry; end: number }[]; end: number }> {
  const bytes = await readFrom(segment.path, from);
  const lines: { entry: ApplicationLogEntry; end: number }[] = [];
  let start = 0;
  for (let stop = bytes.indexOf(10); stop >= 0; stop = bytes.indexOf(10, start)) {
    const entry = parseEntry(bytes.toString('utf8', start, stop));
    start = stop + 1;
    if (entry !== null) lines.push({ entry, end: from + start });
  }
  return { lines, end: from + start };
}

async function readFrom(path: string, from: number): Promise<Buffer> {
  const handle = await open(path, 'r').catch(() => null);
  if (handle === null) return Buffer.alloc(0);
  try {
    const { size } = await handle.stat();
    const length = Math.max(0, size - from);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, from);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function parseEntry(line: string): ApplicationLogEntry | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return null;
    const { t, service, m, i } = value as Record<'t' | 'service' | 'm' | 'i', unknown>;
    if (typeof t !== 'string' || typeof service !== 'string' || typeof m !== 'string') return null;
    return { timestamp: t, service, message: m, instance: typeof i === 'string' ? i : null };
  } catch {
    return null;
  }
}

function parseCursor(cursor: string): Place {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(cursor);
  return { segment: Number(match?.[1] ?? 0), byte: Number(match?.[2] ?? 0) };
}

/** The beginning, for a cursor into a log that has been removed since. */
function knownPlace(segments: readonly Segment[], place: Place): Place {
  return place.segment > (segments.at(-1)?.number ?? 0) ? { segment: 0, byte: 0 } : place;
}

function formatCursor(place: Place): string {
  return `${place.segment}-${place.byte}`;
}

function readdirSafely(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
