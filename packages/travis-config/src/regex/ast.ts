/** A parsed regular expression of Ruby's dialect. */
export type Regex =
  | { kind: 'empty' }
  | { kind: 'set'; test: CharTest }
  | { kind: 'sequence'; items: Regex[] }
  | { kind: 'choice'; options: Regex[] }
  | {
      kind: 'repeat';
      item: Regex;
      min: number;
      max: number;
      mode: 'greedy' | 'lazy' | 'possessive';
    }
  | { kind: 'capture'; item: Regex; index: number }
  | { kind: 'assert'; at: Assertion }
  | { kind: 'look'; item: Regex; behind: boolean; negated: boolean }
  | { kind: 'atomic'; item: Regex }
  | { kind: 'backreference'; index: number; ignoreCase: boolean };

/** Whether a character, given as its code point, belongs to a set. */
export type CharTest = (code: number) => boolean;

export type Assertion =
  | 'lineStart'
  | 'lineEnd'
  | 'textStart'
  | 'textEnd'
  | 'textEndOrNewline'
  | 'wordBoundary'
  | 'noWordBoundary';

/** The expression is invalid, uses what this engine does not have, or costs too much on a text. */
export class RegexError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RegexError';
  }
}
