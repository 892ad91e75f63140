import { type Assertion, type CharTest, type Regex, RegexError } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { named, not, shorthands } from './sets.ts';

const assertions: { readonly [letter: string]: Assertion } = {
  A: 'textStart',
  G: 'textStart',
  Z: 'textEndOrNewline',
  z: 'textEnd',
  b: 'wordBoundary',
  B: 'noWordBoundary',
};

const controls: { readonly [letter: string]: number } = {
  t: 0x09,
  n: 0x0a,
  v: 0x0b,
  f: 0x0c,
  r: 0x0d,
  a: 0x07,
  e: 0x1b,
};

/** What follows a backslash outside a class: a regex, or the code point of a literal character. */
export function escaped(at: Cursor, reference: (name: string) => Regex): Regex | number {
  const set = setEscape(at);
  if (set) return { kind: 'set', test: set };
  const assertion = at.eatMatch(/[AGZzbB]/y);
  if (assertion !== undefined) return { kind: 'assert', at: assertions[assertion] ?? 'textStart' };
  // \K only moves where the match is said to begin.
  if (at.eat('K')) return { kind: 'empty' };
  if (at.eat('R')) return lineBreak;
  const name = at.eatMatch(/k(?:<\w+>|'\w+')/y);
  if (name !== undefined) return reference(name.slice(2, -1));
  if (at.sees('g') || at.sees('X')) throw new RegexError('\\g and \\X are not supported');
  const index = at.eatMatch(/[1-9]\d?/y);
  if (index !== undefined) return reference(index);
  return character(at);
}

/** A set such as `\d` or `\p{Alpha}`, if one stands here. */
export function setEscape(at: Cursor): CharTest | undefined {
  const letter = at.eatMatch(/[dDwWsShH]/y);
  if (letter !== undefined) return shorthands[letter];
  const property = at.eatMatch(/[pP]\{\^?[\w\s-]+\}/y);
  if (property === undefined) return undefined;
  const negated = property.startsWith('P') !== property.includes('{^');
  const test = named(property.replace(/^[pP]\{\^?|\}$/g, ''));
  return negated ? not(test) : test;
}

/** The code point of an escaped character, in a class or outside. */
export function character(at: Cursor): number {
  const hex = at.eatMatch(/x[\dA-Fa-f]{1,2}|u[\dA-Fa-f]{4}|u\{[\dA-Fa-f]{1,6}\}/y);
  if (hex !== undefined) return Number.parseInt(hex.replace(/[xu{}]/g, ''), 16);
  const octal = at.eatMatch(/[0-7]{1,3}/y);
  if (octal !== undefined) return Number.parseInt(octal, 8);
  const control = at.eatMatch(/c[A-Za-z]|C-[A-Za-z]/y);
  if (control !== undefined) return control.charCodeAt(control.length - 1) & 0x1f;
  const letter = at.eatMatch(/[tnvfrae]/y);
  if (letter !== undefined) return controls[letter] ?? 0;
  const code = at.next();
  if (code < 0) throw new RegexError('too short escape sequence');
  return code;
}

const lineBreak: Regex = {
  kind: 'choice',
  options: [
    {
      kind: 'sequence',
      items: [
        { kind: 'set', test: (code) => code === 0x0d },
        { kind: 'set', test: (code) => code === 0x0a },
      ],
    },
    { kind: 'set', test: (code) => code >= 0x0a && code <= 0x0d },
  ],
};
