import type { Json } from '../messages.ts';
import { bool, map, num, seq, str } from '../schema/kinds.ts';
import { type Entry, isNull, type MapNode, type Node } from '../yaml/node.ts';
import type { Context, Normalise, Path } from './context.ts';
import { single, truth } from './scalars.ts';

const cacheTypes = [
  'apt',
  'bundler',
  'cargo',
  'ccache',
  'cocoapods',
  'npm',
  'packages',
  'pip',
  'yarn',
] as const;

const types: { [type: string]: typeof bool } = {};
for (const type of cacheTypes) types[type] = bool;

const schema = map(
  { ...types, directories: seq(str), timeout: num, branch: str, edge: bool },
  { aliases: { directory: 'directories' } },
);

/**
 * `cache` as one map, or false (spec 8). In the string and list forms a word that is no known type is a
 * directory; maps in a list are merged. `true` turns all types on.
 */
export function cache(
  given: Node,
  path: Path,
  context: Context,
  normalise: Normalise,
): Json | undefined {
  if (isNull(given)) return undefined;
  const truthful = truth(given);
  if (truthful === false) return false;
  if (truthful === true) return Object.fromEntries(cacheTypes.map((type) => [type, true]));
  const node = given.kind === 'map' ? given : fromWords(given);
  if (node.entries.length === 0) {
    single(given, path, context);
    return undefined;
  }
  return normalise(schema, node, path, context);
}

/** A map from words and maps: `[pip, ~/dir, {timeout: 3}]`. */
function fromWords(node: Node): MapNode {
  const entries = new Map<string, Entry>();
  const directories: Node[] = [];
  const isType = (word: string): boolean => cacheTypes.some((type) => type === word);
  const add = (part: Node): void => {
    if (part.kind === 'seq') {
      part.items.forEach(add);
    } else if (part.kind === 'map') {
      for (const entry of part.entries) {
        if (entry.key === 'directories' || entry.key === 'directory') directories.push(entry.value);
        else entries.set(entry.key, entry);
      }
    } else if (part.value !== null) {
      const word = part.text.replace(/^:/, '');
      const on: Node = { ...part, value: true, text: 'true' };
      if (isType(word)) entries.set(word, { key: word, at: part.at, value: on });
      else if (truth(part) === undefined) directories.push(part);
    }
  };
  add(node);
  if (directories.length > 0) {
    const value: Node = { ...node, kind: 'seq', items: directories };
    entries.set('directories', { key: 'directories', at: node.at, value });
  }
  return { ...node, kind: 'map', entries: [...entries.values()] };
}
