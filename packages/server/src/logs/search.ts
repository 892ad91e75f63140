import type { Store } from '../store/index.ts';
import { withoutEscapes, withoutMarks } from './plain-text.ts';

const READ_BYTES = 262_144;
/** A line is searched in pieces of this length when it is longer than that; what lies across a border is not found. */
const MAX_LINE_BYTES = 1_048_576;
const NEWLINE = 10;

/**
 * The numbers of the lines, ascending, that show `query` in whatever case, without regard to colours and marks. Reads
 * through the stream piece by piece and stops at `limit` lines, or when `signal` aborts: then what was found so far is
 * answered as incomplete.
 */
export async function searchLog(
  logs: Store['logs'],
  streamId: string,
  query: string,
  limit: number,
  signal: AbortSignal,
): Promise<{ lines: number[]; complete: boolean }> {
  const wanted = query.toLowerCase();
  const found: number[] = [];
  const size = await logs.size(streamId);
  let offset = 0;
  let line = 1;
  let carried: Buffer = Buffer.alloc(0);
  while (offset < size) {
    if (signal.aborted) return { lines: found, complete: false };
    const { bytes } = await logs.read(streamId, offset, Math.min(READ_BYTES, size - offset));
    if (bytes.length === 0) break;
    offset += bytes.length;
    const have = carried.length === 0 ? bytes : Buffer.concat([carried, bytes]);
    const isLast = offset >= size;
    const whole = have.lastIndexOf(NEWLINE) + 1;
    const take = isLast || (whole === 0 && have.length >= MAX_LINE_BYTES) ? have.length : whole;
    const piece = have.subarray(0, take);
    carried = have.subarray(take);
    line = searchPiece(piece.toString('utf8'), wanted, line, found, limit + 1);
    if (found.length > limit) return { lines: found.slice(0, limit), complete: false };
  }
  return { lines: found, complete: true };
}

/** Searches whole lines, the first of which is `firstLine`; answers the number of the line that follows them. */
function searchPiece(
  text: string,
  wanted: string,
  firstLine: number,
  found: number[],
  limit: number,
): number {
  const shown = withoutMarks(withoutEscapes(text)).toLowerCase();
  let line = firstLine;
  let counted = 0;
  for (let at = shown.indexOf(wanted); at >= 0 && found.length < limit; ) {
    line += countNewlines(shown, counted, at);
    counted = at;
    if (found.at(-1) !== line) found.push(line);
    const end = shown.indexOf('\n', at);
    if (end < 0) break;
    at = shown.indexOf(wanted, end);
  }
  return line + countNewlines(shown, counted, shown.length);
}

function countNewlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) {
    count += 1;
  }
  return count;
}
