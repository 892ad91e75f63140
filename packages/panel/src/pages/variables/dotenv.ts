/** One assignment of a `.env` text. */
export interface Assignment {
  readonly name: string;
  readonly value: string;
}

export type DotenvProblem = 'noEquals' | 'name' | 'quote' | 'twice';

export interface ParsedDotenv {
  readonly assignments: readonly Assignment[];
  /** With the line, from 1. */
  readonly problems: readonly { readonly line: number; readonly problem: DotenvProblem }[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
};

/**
 * Reads the text of a `.env` file as the common libraries do: `export`, comments, single quotes (taken literally), double
 * quotes (with \n, \", \\) that may go over several lines, and bare values up to a comment. References such as
 * `${OTHER}` are left as they are: what they mean differs between programs.
 */
export function parseDotenv(text: string): ParsedDotenv {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const assignments: Assignment[] = [];
  const problems: { line: number; problem: DotenvProblem }[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = (lines[at] ?? '').trim();
    if (line === '' || line.startsWith('#')) continue;
    const begun = at;
    const problem = (found: DotenvProblem) => problems.push({ line: begun + 1, problem: found });
    const equals = line.indexOf('=');
    if (equals < 0) {
      problem('noEquals');
      continue;
    }
    const name = line
      .slice(0, equals)
      .replace(/^export\s+/, '')
      .trim();
    if (!NAME.test(name)) {
      problem('name');
      continue;
    }
    let rest = line.slice(equals + 1).trimStart();
    const mark = rest.charAt(0);
    let value: string;
    if (mark === '"' || mark === "'") {
      let end = closing(rest, mark);
      while (end < 0 && at + 1 < lines.length) {
        at += 1;
        rest += `\n${lines[at]}`;
        end = closing(rest, mark);
      }
      if (end < 0) {
        problem('quote');
        at = begun;
        continue;
      }
      const inside = rest.slice(1, end);
      value = mark === "'" ? inside : withEscapes(inside);
    } else {
      value = rest.replace(/(^|\s)#.*$/, '').trim();
    }
    if (assignments.some((one) => one.name === name)) problem('twice');
    else assignments.push({ name, value });
  }
  return { assignments, problems };
}

/** Where the quotation mark that opens `text` is closed; -1 where it is not. */
function closing(text: string, mark: string): number {
  for (let at = 1; at < text.length; at += 1) {
    if (mark === '"' && text[at] === '\\') at += 1;
    else if (text[at] === mark) return at;
  }
  return -1;
}

const withEscapes = (text: string): string =>
  text.replace(/\\(.)/g, (whole, letter: string) => ESCAPES[letter] ?? whole);
