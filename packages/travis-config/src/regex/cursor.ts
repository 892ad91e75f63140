/** A cursor over the source of a regular expression, in whole characters. */
export interface Cursor {
  readonly done: boolean;
  sees(text: string): boolean;
  seesMatch(pattern: RegExp): boolean;
  eat(text: string): boolean;
  /** Consumes what a sticky pattern matches here. */
  eatMatch(pattern: RegExp): string | undefined;
  /** The next character's code point; -1 at the end. */
  next(): number;
}

export function cursor(source: string): Cursor {
  let offset = 0;
  return {
    get done() {
      return offset >= source.length;
    },
    sees: (text) => source.startsWith(text, offset),
    seesMatch(pattern) {
      pattern.lastIndex = offset;
      return pattern.test(source);
    },
    eat(text) {
      if (!source.startsWith(text, offset)) return false;
      offset += text.length;
      return true;
    },
    eatMatch(pattern) {
      pattern.lastIndex = offset;
      const found = pattern.exec(source)?.[0];
      if (found !== undefined) offset += found.length;
      return found;
    },
    next() {
      const code = source.codePointAt(offset) ?? -1;
      offset += code > 0xffff ? 2 : 1;
      return code;
    },
  };
}
