import { Composer, type Document, LineCounter, Parser } from 'yaml';
import { ConfigError } from '../errors.ts';
import { type Limits, startOfFile } from '../limits.ts';
import type { Messages } from '../messages.ts';
import { build } from './build.ts';
import { checkDepth } from './depth.ts';
import type { MapNode } from './node.ts';

/**
 * Reads a configuration's text into a tree of nodes; null for an empty file (spec 1.1-1.3).
 *
 * Of a file with several documents the first one counts, as in Ruby's `YAML.load`.
 *
 * @throws ConfigError for text that is not YAML, not a mapping, or beyond a limit
 */
export function readYaml(text: string, limits: Limits, messages: Messages): MapNode | null {
  checkSize(text, limits);
  const lines = new LineCounter();
  const document = compose(text, lines, limits);
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const [error] = document?.errors ?? [];
  if (error) throw new ConfigError('invalid_yaml', sentence(error.message), at(error.pos[0]));
  if (!document?.contents) return null;
  const root = build(document.contents, { at, limits, messages });
  if (root.kind === 'map') return root;
  if (root.kind === 'scalar' && root.value === null) return null;
  const kind = root.kind === 'seq' ? 'a list' : 'a single value';
  throw new ConfigError('not_a_mapping', `The top level must be a mapping, not ${kind}.`, root.at);
}

function checkSize(text: string, { maxBytes }: Limits): void {
  // Each UTF-16 unit is at least one byte: the cheap test spares encoding a huge text.
  const bytes = text.length > maxBytes ? text.length : new TextEncoder().encode(text).length;
  if (bytes <= maxBytes) return;
  throw new ConfigError('too_large', `The file is larger than ${maxBytes} bytes.`, startOfFile);
}

/** The first document, or undefined. The failsafe schema leaves all scalars text; we type them ourselves. */
function compose(text: string, lines: LineCounter, limits: Limits): Document.Parsed | undefined {
  const source = text.replace(/^\uFEFF/, '');
  const composer = new Composer({ schema: 'failsafe', strict: false, uniqueKeys: false });
  try {
    const tokens = [...new Parser(lines.addNewLine).parse(source)];
    checkDepth(tokens, limits.maxDepth, lines);
    for (const document of composer.compose(tokens, true, source.length)) {
      return document as Document.Parsed;
    }
  } catch (error) {
    if (error instanceof RangeError) {
      throw new ConfigError('too_deep', 'The file is nested too deeply.', startOfFile);
    }
    throw error;
  }
  return undefined;
}

function sentence(message: string): string {
  const [first = message] = message.split('\n');
  return first.endsWith('.') ? first : `${first}.`;
}
