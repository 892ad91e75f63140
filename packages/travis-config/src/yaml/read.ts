import { ConfigError } from '../errors.ts';
import { type Limits, startOfFile } from '../limits.ts';
import type { Messages } from '../messages.ts';
import { build } from './build.ts';
import { type Composed, compose } from './compose.ts';
import { explain } from './explain.ts';
import { indentFlows } from './flow.ts';
import type { MapNode } from './node.ts';

/**
 * Reads a configuration's text into a tree of nodes; null for an empty file (spec 1.1-1.3).
 *
 * Of a file with several documents the first one counts, as in Ruby's `YAML.load`. `source` names the file
 * in positions; only imported files need it.
 *
 * @throws ConfigError for text that is not YAML, not a mapping, or beyond a limit
 */
export function readYaml(
  text: string,
  limits: Limits,
  messages: Messages,
  source?: string,
): MapNode | null {
  checkSize(text, limits);
  const { document, at } = firstReadable(text.replace(/^\uFEFF/, ''), limits);
  const [error] = document?.errors ?? [];
  if (error) throw new ConfigError('invalid_yaml', explain(error.message), at(error.pos[0]));
  if (!document?.contents) return null;
  const named = source === undefined ? at : (offset: number) => ({ ...at(offset), source });
  const root = build(document.contents, { at: named, limits, messages });
  if (root.kind === 'map') return root;
  if (root.kind === 'scalar' && root.value === null) return null;
  const kind = root.kind === 'seq' ? 'a list' : 'a single value';
  throw new ConfigError('not_a_mapping', `The top level must be a mapping, not ${kind}.`, root.at);
}

/**
 * Ruby's YAML does not care how lines inside brackets are indented, ours does: what it refuses for its
 * indentation is tried once more with the brackets' content moved to the right.
 */
function firstReadable(text: string, limits: Limits): Composed {
  const first = compose(text, limits);
  const isIndentation = first.document?.errors.some(({ message }) =>
    /^Flow \w+ in block/.test(message),
  );
  if (!isIndentation) return first;
  const { text: indented, moved } = indentFlows(text);
  const second = compose(indented, limits);
  if (second.document?.errors.length) return first;
  return {
    document: second.document,
    at(offset) {
      const { line, column } = second.at(offset);
      return { line, column: Math.max(1, column - (moved.get(line) ?? 0)) };
    },
  };
}

function checkSize(text: string, { maxBytes }: Limits): void {
  // Each UTF-16 unit is at least one byte: the cheap test spares encoding a huge text.
  const bytes = text.length > maxBytes ? text.length : new TextEncoder().encode(text).length;
  if (bytes <= maxBytes) return;
  throw new ConfigError('too_large', `The file is larger than ${maxBytes} bytes.`, startOfFile);
}
