/** One assignment of an env string: the value is shell text as written, quotes and all (spec 3.2). */
export interface Assignment {
  name: string;
  value: string;
}

/** A quote, backtick, `$(` or `${` was opened and not closed. */
export class EnvSyntaxError extends Error {
  constructor(text: string, opener: string) {
    super(`${opener} is never closed in ${text}`);
    this.name = 'EnvSyntaxError';
  }
}

/**
 * The assignments in a string such as `A=1 B="x y"` (spec 3.2). Words that are not assignments are skipped.
 * Linear in the length of the text.
 *
 * @throws EnvSyntaxError
 */
export function parseEnvString(text: string): Assignment[] {
  const found: Assignment[] = [];
  let at = 0;
  while (at < text.length) {
    if (isBlank(text[at])) {
      at++;
      continue;
    }
    const name = /\w+(?==)/y;
    name.lastIndex = at;
    const matched = name.exec(text)?.[0];
    const start = matched === undefined ? at : at + matched.length + 1;
    const end = wordEnd(text, start);
    if (matched !== undefined) found.push({ name: matched, value: text.slice(start, end) });
    // A word always has a first character here, but an empty value may end where it starts.
    at = Math.max(end, at + 1);
  }
  return found;
}

/** Where the word starting at `start` ends: at the first blank outside quotes and substitutions. */
export function wordEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && !isBlank(text[at])) at = partEnd(text, at);
  return at;
}

/** The index after the part (one bare character, a quoted run, a substitution) at `at`. */
function partEnd(text: string, at: number): number {
  switch (text[at]) {
    case '\\':
      return Math.min(at + 2, text.length);
    case '"':
    case '`':
      return closing(text, at + 1, text[at] as string, true);
    case "'":
      return closing(text, at + 1, "'", false);
    case '$':
      if (text[at + 1] === '(') return nested(text, at + 1, '(', ')');
      if (text[at + 1] === '{') return nested(text, at + 1, '{', '}');
      return at + 1;
    default:
      return at + 1;
  }
}

function closing(text: string, from: number, quote: string, escapes: boolean): number {
  for (let at = from; at < text.length; at++) {
    if (escapes && text[at] === '\\') at++;
    else if (text[at] === quote) return at + 1;
  }
  throw new EnvSyntaxError(text, quote);
}

/** The end of a substitution, which may hold others of its kind and quoted brackets. */
function nested(text: string, from: number, open: string, close: string): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const character = text[at];
    if (character === open) depth++;
    if (character === close && --depth === 0) return at + 1;
    if (character === '"' || character === '`') at = closing(text, at + 1, character, true);
    else if (character === "'") at = closing(text, at + 1, "'", false);
    else at += character === '\\' ? 2 : 1;
  }
  throw new EnvSyntaxError(text, `$${open}`);
}

function isBlank(character: string | undefined): boolean {
  return character !== undefined && /\s/.test(character);
}
