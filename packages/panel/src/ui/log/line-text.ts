import Anser from 'anser';
import type { CSSProperties } from 'react';
import { cssColour, parseRgb, readable } from './colours.ts';

/** A run of text that looks alike. */
export interface Segment {
  readonly text: string;
  readonly style: CSSProperties | null;
}

export interface LineText {
  /** What is seen, without any style: for copying and for finding. */
  readonly plain: string;
  readonly segments: readonly Segment[];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it is about
const MARKS = /travis_(?:fold|time):(?:start|end):[^\r\n]*(?:\r(?:\u001b\[0?K)?|$)/g;
const NOT_COLOURS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it is about
  /\u001b(?:\[[0-?]*[ -/]*[@-ln-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|(?!\[)[ -/]*[0-~]|\[[0-?]*[ -/]*$|$)|[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it is about
const COLOURS = /\u001b\[[\d;:]*m/g;
const TAB = '        ';

/**
 * What a terminal would show of a line: colours, and of what overwrites itself by carriage returns the last state. Marks
 * of folds and times are not shown.
 */
export function lineText(raw: string): LineText {
  const text = overwritten(raw.replace(MARKS, '').replace(NOT_COLOURS, '')).replaceAll('\t', TAB);
  if (!text.includes('\u001b')) return { plain: text, segments: [{ text, style: null }] };
  const parts = new Anser().ansiToJson(text, { json: true, remove_empty: true });
  const segments = parts.map((part) => ({ text: part.content, style: styleOf(part) }));
  return { segments, plain: segments.map((segment) => segment.text).join('') };
}

/** The last thing that was written over the line; the colours switched on before it stay on. */
function overwritten(text: string): string {
  if (!text.includes('\r')) return text;
  const states = text.split('\r');
  const last = states.findLastIndex((state) => state.replace(COLOURS, '') !== '');
  if (last < 0) return '';
  const before = states.slice(0, last).join('').match(COLOURS) ?? [];
  return before.join('') + states[last];
}

function styleOf(part: Anser.AnserJsonEntry): CSSProperties | null {
  const { decorations } = part;
  const ground = parseRgb(part.bg);
  const ink = parseRgb(part.fg);
  if (ground === null && ink === null && decorations.length === 0) return null;
  const line = [
    decorations.includes('underline') && 'underline',
    decorations.includes('strikethrough') && 'line-through',
  ].filter(Boolean);
  return {
    ...(ground === null ? {} : { backgroundColor: cssColour(ground) }),
    ...(ground === null
      ? ink && { color: readable(ink) }
      : { color: readable(ink ?? [220, 228, 236], ground) }),
    ...(decorations.includes('bold') ? { fontWeight: 700 } : {}),
    ...(decorations.includes('italic') ? { fontStyle: 'italic' } : {}),
    ...(line.length > 0 ? { textDecorationLine: line.join(' ') } : {}),
  };
}

/** Where `query` stands in `plain`, whatever its case: ranges that do not overlap. */
export function occurrences(plain: string, query: string): [start: number, end: number][] {
  if (query === '') return [];
  const where = plain.toLowerCase();
  const what = query.toLowerCase();
  const found: [number, number][] = [];
  for (let at = where.indexOf(what); at >= 0; at = where.indexOf(what, at + what.length)) {
    found.push([at, at + what.length]);
  }
  return found;
}

/** Cuts segments at the borders of ranges; `marked` says whether a piece lies in one. */
export function markRanges(
  segments: readonly Segment[],
  ranges: readonly (readonly [number, number])[],
): (Segment & { marked: boolean })[] {
  const pieces: (Segment & { marked: boolean })[] = [];
  let at = 0;
  for (const segment of segments) {
    const end = at + segment.text.length;
    const cuts = [...new Set([at, end, ...ranges.flat().filter((cut) => cut > at && cut < end)])];
    cuts.sort((a, b) => a - b);
    for (let index = 0; index + 1 < cuts.length; index += 1) {
      const from = cuts[index] ?? at;
      const to = cuts[index + 1] ?? end;
      const marked = ranges.some(([start, stop]) => start <= from && to <= stop);
      pieces.push({ text: segment.text.slice(from - at, to - at), style: segment.style, marked });
    }
    at = end;
  }
  return pieces;
}
