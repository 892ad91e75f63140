import type { Json } from '../messages.ts';
import { isNull, isSecure, type Node, toJson } from '../yaml/node.ts';
import { type Context, type Path, report } from './context.ts';
import { invalid } from './scalars.ts';

/**
 * A phase as a list of commands (spec 2). `[]`, null and '' are the same as no phase at all (spec 5.5). A
 * command with a colon that YAML took for a map (`echo "a: b"` unquoted) is put together again.
 */
export function commands(node: Node, path: Path, context: Context): Json[] | undefined {
  const found: string[] = [];
  collect(node, path, context, found);
  return found.length > 0 ? found : undefined;
}

function collect(node: Node, path: Path, context: Context, found: string[]): void {
  if (isNull(node)) return;
  if (node.kind === 'seq') {
    for (const entry of node.items) collect(entry, path, context, found);
    return;
  }
  if (isSecure(node)) {
    invalid('str', node, path, context);
    return;
  }
  const command = node.kind === 'map' ? mended(node) : node.text;
  if (node.kind === 'map' || typeof node.value === 'number') {
    report(context, 'clean_value', path, node.at, { original: toJson(node), value: command });
  }
  if (command !== '') found.push(command);
}

function mended(node: Node): string {
  if (node.kind === 'scalar') return node.text;
  if (node.kind === 'seq') return node.items.map(mended).join(' ');
  const lines = node.entries.map(({ key, value }) => `${key}: ${mended(value)}`.trimEnd());
  return lines.join('\n');
}
