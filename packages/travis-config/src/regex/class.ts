import { type CharTest, RegexError } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { character, setEscape } from './escape.ts';
import { ignoringCase, named, not } from './sets.ts';

const maxDepth = 50;

/** Parses a character class; the cursor stands after its `[`. Nested classes and `&&` are Ruby's. */
export class ClassParser {
  private readonly at: Cursor;
  private readonly ignoreCase: boolean;
  private depth: number;

  constructor(at: Cursor, ignoreCase: boolean, depth = 0) {
    this.at = at;
    this.ignoreCase = ignoreCase;
    this.depth = depth;
  }

  parse(): CharTest {
    if (this.depth > maxDepth) throw new RegexError('character class nested too deeply');
    const { at } = this;
    const negated = at.eat('^');
    const parts: CharTest[] = [this.union(true)];
    while (at.eat('&&')) parts.push(this.union(false));
    if (!at.eat(']')) throw new RegexError('premature end of char-class');
    const all: CharTest = (code) => parts.every((part) => part(code));
    const test = this.ignoreCase ? ignoringCase(all) : all;
    return negated ? not(test) : test;
  }

  private union(isFirst: boolean): CharTest {
    const { at } = this;
    const parts: CharTest[] = [];
    // A bracket right at the start is an ordinary character.
    if (isFirst && at.sees(']')) parts.push(this.range(at.next()));
    while (!at.done && !at.sees(']') && !at.sees('&&')) parts.push(this.part());
    return (code) => parts.some((part) => part(code));
  }

  private part(): CharTest {
    const { at } = this;
    const posix = at.eatMatch(/\[:\^?\w+:\]/y);
    if (posix !== undefined) {
      const test = named(posix.replace(/[[\]:^]/g, ''));
      return posix.includes('^') ? not(test) : test;
    }
    if (at.eat('[')) return new ClassParser(at, this.ignoreCase, this.depth + 1).parse();
    if (at.eat('\\')) {
      const set = setEscape(at);
      return set ?? this.range(this.escaped());
    }
    return this.range(at.next());
  }

  /** A single character, or a range if `-` and another character follow. */
  private range(low: number): CharTest {
    const { at } = this;
    // A dash before the end, a class or a set is an ordinary character, which the next part takes.
    if (!at.sees('-') || at.seesMatch(/-(?:\]|&&|\[|\\[dDwWsShHpP])/y))
      return (code) => code === low;
    at.eat('-');
    if (at.done) throw new RegexError('premature end of char-class');
    const high = at.eat('\\') ? this.escaped() : at.next();
    if (high < low) throw new RegexError('empty range in char class');
    return (code) => code >= low && code <= high;
  }

  /** In a class `\b` is a backspace. */
  private escaped(): number {
    return this.at.eat('b') ? 0x08 : character(this.at);
  }
}
