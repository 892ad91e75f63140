import { ConditionError } from './ast.ts';

/** Characters no bare word may hold (spec 13). */
const wordPattern = /[^\s()"',=!]+/y;

/** A cursor over a condition's text. All patterns are sticky, so each step costs what it consumes. */
export class Scanner {
  readonly text: string;
  offset = 0;

  constructor(text: string) {
    // A line ending in a backslash continues on the next one; blanks keep the offsets right.
    this.text = text.replace(/\\[^\S\r\n]*\r?\n/g, (found) => ' '.repeat(found.length));
  }

  skipBlanks(): void {
    while (this.offset < this.text.length && /\s/.test(this.text[this.offset] ?? '')) this.offset++;
  }

  get atEnd(): boolean {
    this.skipBlanks();
    return this.offset >= this.text.length;
  }

  /** Consumes what the sticky pattern matches here, after blanks. */
  take(pattern: RegExp): string | undefined {
    const found = this.peek(pattern);
    if (found !== undefined) this.offset += found.length;
    return found;
  }

  peek(pattern: RegExp): string | undefined {
    this.skipBlanks();
    pattern.lastIndex = this.offset;
    return pattern.exec(this.text)?.[0];
  }

  word(): string | undefined {
    return this.peek(wordPattern);
  }

  fail(message: string, offset = this.offset): never {
    throw new ConditionError(`${message} ${where(this.text, offset)}`, offset);
  }
}

function where(text: string, offset: number): string {
  const rest = text.slice(offset).trim();
  if (rest === '') return 'at the end';
  return `at "${rest.length > 30 ? `${rest.slice(0, 30)}...` : rest}"`;
}
