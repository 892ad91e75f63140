import type { CST, LineCounter } from 'yaml';
import { ConfigError } from '../errors.ts';

/**
 * Refuses a document nested too deeply, before anything recursive walks over it. The syntax tree comes from
 * a parser that keeps its own stack, so looking at it is safe at any depth; composing it is not.
 */
export function checkDepth(tokens: CST.Token[], maxDepth: number, lines: LineCounter): void {
  let level: CST.Token[] = tokens;
  for (let depth = 0; level.length > 0; depth++) {
    const [first] = level;
    // The document token itself is a level of its own.
    if (depth > maxDepth + 1 && first) {
      const { line, col } = lines.linePos(first.offset);
      const message = `The file is nested deeper than ${maxDepth} levels.`;
      throw new ConfigError('too_deep', message, { line, column: col });
    }
    level = level.flatMap(children);
  }
}

function children(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : [];
  if (!('items' in token)) return [];
  const found: CST.Token[] = [];
  for (const item of token.items) {
    if (item.key) found.push(item.key);
    if (item.value) found.push(item.value);
  }
  return found;
}
