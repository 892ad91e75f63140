import type { Store } from '../store/index.ts';
import type { Arrival } from '../store/log-times.ts';
import { wholeCharacters } from '../utf8.ts';
import { arrivalOf, type IndexCache, type LogKind } from './index-cache.ts';
import type { Place } from './line-index.ts';

export interface ReadLine {
  readonly number: number;
  readonly text: string;
  /** Ms since the epoch, of its first byte; null when it is not known. */
  readonly at: number | null;
}

const READ_BYTES = 262_144;
const MAX_LINES = 1_000;
/** What one answer holds at most, but never less than one line. */
const MAX_BYTES = 1_000_000;
const MAX_LINE_BYTES = 65_536;
const NEWLINE = 10;

/**
 * At most `count` lines from line `from` on, fewer when they are long; nothing beyond the log's end. Over-long lines are
 * cut off and say so at their end.
 */
export async function readLines(
  logs: Store['logs'],
  cache: IndexCache,
  log: { readonly streamId: string; readonly kind: LogKind },
  from: number,
  count: number,
): Promise<{ lines: ReadLine[]; total: number; ended: boolean }> {
  const { place, ...known } = await cache.of(log.streamId, log.kind, (found) => ({
    place: found.index.placeBefore(from),
    total: found.lines,
    ...{ size: found.size, ended: found.ended, arrivals: found.arrivals },
  }));
  const collector = createCollector(place, from, Math.min(count, MAX_LINES), known.arrivals);
  let offset = place.offset;
  while (offset < known.size && from <= known.total && !collector.full) {
    const wanted = Math.min(READ_BYTES, known.size - offset);
    const { bytes } = await logs.read(log.streamId, offset, wanted);
    if (bytes.length === 0) break;
    collector.push(bytes);
    offset += bytes.length;
  }
  return { lines: collector.end(), total: known.total, ended: known.ended };
}

/** Takes the bytes from `place` on and keeps the lines that are wanted. */
function createCollector(place: Place, from: number, count: number, arrivals: readonly Arrival[]) {
  const lines: ReadLine[] = [];
  let number = place.line;
  let lineOffset = place.offset;
  /** The beginning of the line at hand, and how long it is so far. */
  let parts: Buffer[] = [];
  let kept = 0;
  let length = 0;
  let total = 0;

  const isFull = () => lines.length >= count || total >= MAX_BYTES;

  const add = (bytes: Buffer) => {
    length += bytes.length;
    if (number < from || kept >= MAX_LINE_BYTES) return;
    const part = bytes.subarray(0, MAX_LINE_BYTES - kept);
    parts.push(part);
    kept += part.length;
  };

  const finish = () => {
    if (number >= from) {
      lines.push({
        number,
        text: lineText(Buffer.concat(parts), length),
        at: arrivalOf(arrivals, lineOffset),
      });
      total += kept;
    }
    parts = [];
    kept = 0;
    length = 0;
  };

  return {
    get full() {
      return isFull();
    },
    push: (bytes: Buffer) => {
      let start = 0;
      while (start < bytes.length && !isFull()) {
        const stop = bytes.indexOf(NEWLINE, start);
        add(bytes.subarray(start, stop < 0 ? bytes.length : stop));
        if (stop < 0) return;
        const next = lineOffset + length + 1;
        finish();
        number += 1;
        lineOffset = next;
        start = stop + 1;
      }
    },
    /** With the last line, which has no end. */
    end: () => {
      if (length > 0 && !isFull()) finish();
      return lines;
    },
  };
}

function lineText(bytes: Buffer, length: number): string {
  if (length <= bytes.length) return bytes.toString('utf8');
  const { text } = wholeCharacters(bytes, false);
  const kilobytes = Math.ceil((length - bytes.length) / 1_024).toLocaleString('en');
  return `${text}\u001b[0m … [${kilobytes} KiB of this line are left out here; the raw log has them]`;
}
