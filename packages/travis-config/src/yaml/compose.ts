import { Composer, type Document, Lexer, LineCounter, Parser } from 'yaml';
import { ConfigError } from '../errors.ts';
import { type Limits, startOfFile } from '../limits.ts';
import type { Position } from '../messages.ts';

export interface Composed {
  document: Document.Parsed | undefined;
  at: (offset: number) => Position;
}

/**
 * The first document of a text, as the `yaml` package sees it. The failsafe schema leaves every scalar text;
 * we type them ourselves. Stops as soon as the text has too many tokens or is too deep: composing costs a
 * hundred times what finding tokens does, and is recursive.
 *
 * @throws ConfigError
 */
export function compose(source: string, limits: Limits): Composed {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const composer = new Composer({ schema: 'failsafe', strict: false, uniqueKeys: false });
  try {
    const tokens = [...syntaxTree(source, lines, limits, at)];
    for (const document of composer.compose(tokens, true, source.length)) {
      return { document: document as Document.Parsed, at };
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError('too_deep', 'The file is nested too deeply.', startOfFile);
  }
  return { document: undefined, at };
}

function* syntaxTree(
  source: string,
  lines: LineCounter,
  limits: Limits,
  at: (offset: number) => Position,
): Generator<ReturnType<Parser['next']> extends Generator<infer T> ? T : never> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let count = 0;
  for (const lexeme of new Lexer().lex(source)) {
    if (++count > limits.maxTokens) {
      const message = `The file has more than ${limits.maxTokens} parts.`;
      throw new ConfigError('too_large', message, at(parser.offset));
    }
    // Each level of nesting has a collection on the stack; the document is the one below them.
    if (parser.stack.length > limits.maxDepth + 1) {
      const message = `The file is nested deeper than ${limits.maxDepth} levels.`;
      throw new ConfigError('too_deep', message, at(parser.offset));
    }
    yield* parser.next(lexeme);
  }
  yield* parser.end();
}
