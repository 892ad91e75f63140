import { type Regex, RegexError } from './ast.ts';
import { ClassParser } from './class.ts';
import { type Cursor, cursor } from './cursor.ts';
import { escaped } from './escape.ts';
import { caseVariants } from './sets.ts';

interface Flags {
  ignoreCase: boolean;
  dotAll: boolean;
  extended: boolean;
}

export interface ParsedRegex {
  regex: Regex;
  captures: number;
  hasBackreferences: boolean;
}

const maxDepth = 200;
const maxLength = 20_000;

/** Parses a regular expression of Ruby's dialect. @throws RegexError */
export function parseRegex(source: string): ParsedRegex {
  if (source.length > maxLength) throw new RegexError('regular expression too long');
  return new RegexParser(source).parse();
}

class RegexParser {
  private readonly at: Cursor;
  private readonly names = new Map<string, number>();
  private captures = 0;
  private hasBackreferences = false;
  private depth = 0;
  /** With named groups, plain ones do not capture. */
  private readonly hasNames: boolean;

  constructor(source: string) {
    this.at = cursor(source);
    this.hasNames = /\(\?(?:<[^=!]|')/.test(source);
  }

  parse(): ParsedRegex {
    const regex = this.choice({ ignoreCase: false, dotAll: false, extended: false });
    if (!this.at.done) throw new RegexError('unmatched close parenthesis');
    return { regex, captures: this.captures, hasBackreferences: this.hasBackreferences };
  }

  private choice(flags: Flags): Regex {
    if (++this.depth > maxDepth) throw new RegexError('regular expression nested too deeply');
    const options = [this.sequence(flags)];
    while (this.at.eat('|')) options.push(this.sequence(flags));
    this.depth--;
    const [only] = options;
    return options.length === 1 && only ? only : { kind: 'choice', options };
  }

  private sequence(flags: Flags): Regex {
    const items: Regex[] = [];
    while (!this.at.done && !this.at.sees('|') && !this.at.sees(')')) {
      if (flags.extended && this.skipExtended()) continue;
      const item = this.atom(flags);
      if (item) items.push(this.repeated(item, flags));
    }
    return { kind: 'sequence', items };
  }

  private skipExtended(): boolean {
    if (this.at.eatMatch(/\s+/y) !== undefined) return true;
    return this.at.eatMatch(/#[^\n]*/y) !== undefined;
  }

  private repeated(first: Regex, flags: Flags): Regex {
    let item = first;
    for (;;) {
      if (flags.extended && this.skipExtended()) continue;
      const bounds = this.bounds();
      if (!bounds) return item;
      if (item.kind === 'assert' && bounds.max > 1) {
        // Repeating what consumes nothing is the same as having it once, or maybe not at all.
        bounds.max = 1;
        bounds.min = Math.min(bounds.min, 1);
      }
      item = { kind: 'repeat', item, ...bounds };
    }
  }

  private bounds():
    | { min: number; max: number; mode: 'greedy' | 'lazy' | 'possessive' }
    | undefined {
    const { at } = this;
    const sign = at.eatMatch(/[*+?]/y);
    if (sign !== undefined) {
      const min = sign === '+' ? 1 : 0;
      const max = sign === '?' ? 1 : Number.POSITIVE_INFINITY;
      if (at.eat('?')) return { min, max, mode: 'lazy' };
      return { min, max, mode: at.eat('+') ? 'possessive' : 'greedy' };
    }
    // A brace that is no repetition is an ordinary character, and `{2}+` repeats a repetition.
    const braces = at.eatMatch(/\{(?:\d+(?:,\d*)?|,\d+)\}/y);
    if (braces === undefined) return undefined;
    const [low = '', high] = braces.slice(1, -1).split(',');
    const min = low === '' ? 0 : Number(low);
    const max = high === undefined ? min : high === '' ? Number.POSITIVE_INFINITY : Number(high);
    if (min > 100_000 || (max !== Number.POSITIVE_INFINITY && max > 100_000)) {
      throw new RegexError('too big number in a repetition');
    }
    const [least, most] = min <= max ? [min, max] : [max, min];
    return { min: least, max: most, mode: at.eat('?') ? 'lazy' : 'greedy' };
  }

  private atom(flags: Flags): Regex | undefined {
    const { at } = this;
    if (at.sees('(')) return this.group(flags);
    if (at.eat('[')) return { kind: 'set', test: new ClassParser(at, flags.ignoreCase).parse() };
    if (at.eat('.')) return { kind: 'set', test: (code) => flags.dotAll || code !== 0x0a };
    if (at.eat('^')) return { kind: 'assert', at: 'lineStart' };
    if (at.eat('$')) return { kind: 'assert', at: 'lineEnd' };
    if (at.eat('\\')) return this.escaped(flags);
    if (at.eatMatch(/[*+?]/y) !== undefined) {
      throw new RegexError('target of repeat operator is not specified');
    }
    return literal(at.next(), flags);
  }

  private escaped(flags: Flags): Regex {
    const found = escaped(this.at, (name) => this.reference(name, flags));
    return typeof found === 'number' ? literal(found, flags) : found;
  }

  private reference(name: string, { ignoreCase }: Flags): Regex {
    this.hasBackreferences = true;
    const index = /^\d+$/.test(name) ? Number(name) : this.names.get(name);
    if (index === undefined) throw new RegexError(`undefined group name reference: ${name}`);
    return { kind: 'backreference', index, ignoreCase };
  }

  private group(flags: Flags): Regex | undefined {
    const { at } = this;
    if (at.eatMatch(/\(\?#[^)]*\)/y) !== undefined) return undefined;
    const opened = at.eatMatch(/\(\?(?:[:=!>]|<[=!]|<\w+>|'\w+')|\(\?[imxadu-]*[:)]|\(/y);
    if (opened === undefined) throw new RegexError('undefined group option');
    const options = /^\(\?([imxadu-]*)([:)])$/.exec(opened);
    if (options && opened !== '(?:')
      return this.optionGroup(flags, options[1] ?? '', options[2] === ')');
    const index = this.captureIndex(opened);
    const item = this.choice(flags);
    this.close();
    if (index !== undefined) return { kind: 'capture', item, index };
    return wrapped(opened, item);
  }

  private captureIndex(opened: string): number | undefined {
    const name = /^\(\?(?:<(\w+)>|'(\w+)')$/.exec(opened);
    if (name) {
      const index = ++this.captures;
      this.names.set(name[1] ?? name[2] ?? '', index);
      return index;
    }
    return opened === '(' && !this.hasNames ? ++this.captures : undefined;
  }

  /** `(?i:...)`, or `(?i)` which holds to the end of the group it stands in, alternatives included. */
  private optionGroup(flags: Flags, options: string, isOpen: boolean): Regex {
    const [on = '', off = ''] = options.split('-');
    const set = (letter: string, given: boolean) =>
      off.includes(letter) ? false : given || on.includes(letter);
    const inner: Flags = {
      ignoreCase: set('i', flags.ignoreCase),
      dotAll: set('m', flags.dotAll),
      extended: set('x', flags.extended),
    };
    const item = this.choice(inner);
    if (!isOpen) this.close();
    return item;
  }

  private close(): void {
    if (!this.at.eat(')')) throw new RegexError('end pattern with unmatched parenthesis');
  }
}

function wrapped(opened: string, item: Regex): Regex {
  switch (opened) {
    case '(?=':
      return { kind: 'look', item, behind: false, negated: false };
    case '(?!':
      return { kind: 'look', item, behind: false, negated: true };
    case '(?<=':
      return { kind: 'look', item, behind: true, negated: false };
    case '(?<!':
      return { kind: 'look', item, behind: true, negated: true };
    case '(?>':
      return { kind: 'atomic', item };
    default:
      return item;
  }
}

function literal(code: number, { ignoreCase }: Flags): Regex {
  if (!ignoreCase) return { kind: 'set', test: (other) => other === code };
  const variants = caseVariants(code);
  return { kind: 'set', test: (other) => variants.includes(other) };
}
