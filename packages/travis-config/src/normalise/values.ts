import type { Position } from '../messages.ts';
import type { Values } from '../schema/kinds.ts';
import { type Context, type Path, report } from './context.ts';
import { nearest } from './match.ts';

/** The known value meant by `text`, with messages about repairs; undefined to drop it (spec 1.5). */
export function knownValue(
  values: Values,
  text: string,
  path: Path,
  at: Position,
  context: Context,
): string | undefined {
  const { known, aliases = {} } = values;
  const canonical = (candidate: string): string | undefined => {
    if (known.includes(candidate)) return candidate;
    return Object.hasOwn(aliases, candidate) ? aliases[candidate] : undefined;
  };
  const accept = (candidate: string): string => {
    const value = canonical(candidate) ?? candidate;
    if (value !== candidate) report(context, 'alias_value', path, at, { alias: candidate, value });
    return value;
  };
  if (values.deprecated?.includes(text)) {
    report(context, 'deprecated_value', path, at, { value: text });
  }
  if (canonical(text) !== undefined) return accept(text);
  const lower = text.toLowerCase();
  if (canonical(lower) !== undefined) {
    report(context, 'downcase', path, at, { value: text });
    return accept(lower);
  }
  const near = nearest(lower, known);
  if (near !== undefined) {
    report(context, 'find_value', path, at, { original: text, value: near });
    return near;
  }
  const cleaned = cleanings(lower).find((candidate) => canonical(candidate) !== undefined);
  if (cleaned !== undefined) {
    report(context, 'clean_value', path, at, { original: text, value: cleaned });
    return accept(cleaned);
  }
  report(context, 'unknown_value', path, at, { value: text });
  return values.unknown === 'keep' ? text : undefined;
}

/** What remains of `node_js - 9` or `python"`: the first word, the letters, the letters of the first word. */
function cleanings(text: string): string[] {
  const [first = ''] = text.trim().split(/\s+/);
  return [first, text.replace(/\W/g, ''), first.replace(/[^a-z]/g, '')].filter(
    (candidate) => candidate !== '',
  );
}
