import { type CharTest, RegexError } from './ast.ts';

const inRange =
  (low: number, high: number): CharTest =>
  (code) =>
    code >= low && code <= high;

const isDigit: CharTest = inRange(0x30, 0x39);
const isUpper = inRange(0x41, 0x5a);
const isLower = inRange(0x61, 0x7a);
const isWord: CharTest = (code) => isDigit(code) || isUpper(code) || isLower(code) || code === 0x5f;
const isHex: CharTest = (code) =>
  isDigit(code) || inRange(0x41, 0x46)(code) || inRange(0x61, 0x66)(code);
const isSpace: CharTest = (code) => (code >= 0x09 && code <= 0x0d) || code === 0x20;

export const not =
  (test: CharTest): CharTest =>
  (code) =>
    !test(code);

/** The shorthand classes. Like Ruby's they know ASCII only; `\p{...}` and `[[:alpha:]]` know Unicode. */
export const shorthands: { readonly [letter: string]: CharTest } = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
  h: isHex,
  H: not(isHex),
};

/** JavaScript's property escapes for the names Ruby has in `[[:name:]]` and `\p{name}`. */
const properties: { readonly [name: string]: string } = {
  alnum: '[\\p{L}\\p{M}\\p{Nd}]',
  alpha: '[\\p{L}\\p{M}]',
  ascii: '[\\x00-\\x7f]',
  any: '[\\s\\S]',
  blank: '[\\t\\p{Zs}]',
  cntrl: '\\p{Cc}',
  digit: '\\p{Nd}',
  graph: '[^\\s\\p{Cc}\\p{Cn}\\p{Cs}]',
  lower: '\\p{Ll}',
  print: '[^\\p{Cc}\\p{Cn}\\p{Cs}]',
  punct: '[\\p{P}$+<=>^`|~]',
  space: '[\\s\\x85]',
  upper: '\\p{Lu}',
  word: '[\\p{L}\\p{M}\\p{Nd}\\p{Pc}]',
  xdigit: '[0-9A-Fa-f]',
};

/** A named set. One code point at a time goes to JavaScript's engine, so it cannot be slow. */
export function named(name: string): CharTest {
  const plain = name.toLowerCase().replace(/[\s_-]/g, '');
  const source = Object.hasOwn(properties, plain) ? properties[plain] : `\\p{${name}}`;
  const script = `\\p{Script=${name}}`;
  for (const candidate of [source, script]) {
    try {
      const pattern = new RegExp(`^${candidate}$`, 'u');
      return (code) => pattern.test(String.fromCodePoint(code));
    } catch {
      // Not a general category or property; it may be a script.
    }
  }
  throw new RegexError(`invalid character property name {${name}}`);
}

/** Other spellings of a character when case does not matter, itself included. */
export function caseVariants(code: number): number[] {
  const text = String.fromCodePoint(code);
  const found = new Set([code]);
  for (const variant of [text.toLowerCase(), text.toUpperCase()]) {
    if ([...variant].length === 1) found.add(variant.codePointAt(0) ?? code);
  }
  return [...found];
}

export function ignoringCase(test: CharTest): CharTest {
  return (code) => caseVariants(code).some(test);
}

/** Only the test tells whether a word character is meant; boundaries know Unicode in Ruby. */
export const isUnicodeWord: CharTest = (() => {
  const unicode = named('word');
  return (code: number) => (code < 0x80 ? isWord(code) : unicode(code));
})();
