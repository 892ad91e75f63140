import type { MergeMode } from '../types.ts';
import type { Entry, MapNode, Node } from '../yaml/node.ts';

/**
 * The importing file with what the imported one adds (spec 10). The importer wins on scalars. `merge` only
 * looks at root keys; the deep modes go into maps, and differ in what they do with two lists: `deep_merge`
 * keeps the importer's, `append` puts the imported items after it, `prepend` before.
 */
export function mergeTrees(importer: MapNode, imported: MapNode, mode: MergeMode): MapNode {
  const entries = new Map<string, Entry>(importer.entries.map((entry) => [entry.key, entry]));
  for (const entry of imported.entries) {
    const own = entries.get(entry.key);
    if (!own) entries.set(entry.key, entry);
    else entries.set(entry.key, { ...own, value: mergeNodes(own.value, entry.value, mode) });
  }
  const merged = [...entries.values()];
  const size = merged.reduce((sum, { value }) => sum + value.size, 1);
  return { ...importer, entries: merged, size };
}

function mergeNodes(own: Node, other: Node, mode: MergeMode): Node {
  if (mode === 'merge') return own;
  if (own.kind === 'map' && other.kind === 'map') return mergeTrees(own, other, mode);
  if (own.kind !== 'seq' || other.kind !== 'seq' || mode === 'deep_merge') return own;
  const lists = mode === 'deep_merge_append' ? [own, other] : [other, own];
  const items = lists.flatMap((list) => list.items);
  return { ...own, items, size: own.size + other.size };
}
