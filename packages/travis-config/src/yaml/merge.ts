import type { Entry, Node } from './node.ts';

/**
 * The entries of a map with `<<` keys. The map's own entries win over merged ones, an earlier map of a list
 * over a later one. Anything but a map or a list of maps under `<<` has no effect.
 */
export function mergeEntries(own: Entry[], merges: Node[]): Entry[] {
  const entries = new Map<string, Entry>();
  for (const merge of merges.flatMap(mergeable)) {
    for (const entry of merge) {
      if (!entries.has(entry.key)) entries.set(entry.key, entry);
    }
  }
  for (const entry of own) entries.set(entry.key, entry);
  return [...entries.values()];
}

function mergeable(node: Node): Entry[][] {
  if (node.kind === 'map') return [node.entries];
  if (node.kind === 'seq') return node.items.flatMap(mergeable);
  return [];
}
