import { compileRegex, RegexError } from '../regex/index.ts';
import {
  type FunctionName,
  functionNames,
  type Operand,
  type Pattern,
  type Variable,
  variables,
} from './ast.ts';
import type { Scanner } from './scanner.ts';

const callPattern = new RegExp(`(?:${functionNames.join('|')})\\s*\\(`, 'iy');

/**
 * A variable counts only as a whole word (`branches` is text). `|` and `&` may follow it directly, since
 * `branch||tag` can hardly be meant as a word.
 */
const variablePattern = new RegExp(`(?:${variables.join('|')})(?=[\\s()"',=!|&~]|$)`, 'y');

export function operand(scanner: Scanner): Operand {
  const call = functionCall(scanner);
  if (call) return call;
  const variable = scanner.take(variablePattern);
  if (variable !== undefined) return { kind: 'variable', name: variable as Variable };
  return { kind: 'value', text: quoted(scanner) ?? word(scanner) };
}

function functionCall(
  scanner: Scanner,
): { kind: 'call'; name: FunctionName; args: Operand[] } | undefined {
  const opened = scanner.take(callPattern);
  if (opened === undefined) return undefined;
  const name = opened.slice(0, -1).trim().toLowerCase() as FunctionName;
  const args: Operand[] = [];
  if (scanner.take(/\)/y) !== undefined) return { kind: 'call', name, args };
  return { kind: 'call', name, args: list(scanner) };
}

/** `(a, b, c)`, not empty. */
export function inList(scanner: Scanner): Operand[] {
  if (scanner.take(/\(/y) === undefined) scanner.fail('Expected a list in parentheses');
  return list(scanner);
}

/** Operands up to the closing parenthesis; calls in calls are as deep as the text is long at most. */
function list(scanner: Scanner): Operand[] {
  const items: Operand[] = [];
  do {
    items.push(operand(scanner));
  } while (scanner.take(/,/y) !== undefined);
  if (scanner.take(/\)/y) === undefined) scanner.fail('Expected , or )');
  return items;
}

/** Quoted text has no escapes (spec 13). */
function quoted(scanner: Scanner): string | undefined {
  const found = scanner.take(/"[^"]*"|'[^']*'/y);
  return found?.slice(1, -1);
}

function word(scanner: Scanner): string {
  const found = scanner.word();
  if (found === undefined) return scanner.fail('Expected a value');
  if (found.startsWith('$')) scanner.fail('Shell syntax is not possible here, use env(NAME)');
  scanner.offset += found.length;
  return found;
}

/**
 * What stands right of `=~`. A text up to the next blank that ends in closing parentheses ends before them:
 * they belong to the condition, `(tag =~ ^v)`.
 */
export function pattern(scanner: Scanner): Pattern {
  const call = functionCall(scanner);
  if (call) return call;
  const slashes = scanner.take(/\/(?:[^/\\]|\\[\s\S])*\//y);
  if (slashes !== undefined) {
    return regex(scanner, slashes.slice(1, -1), true, slashes.length);
  }
  const rest = scanner.peek(/\S+/y)?.replace(/\)+$/, '') ?? '';
  if (rest === '') return scanner.fail('Expected a regular expression');
  if (rest.startsWith('$') && rest !== '$' && /^\$[{(\w]/.test(rest)) {
    scanner.fail('Shell syntax is not possible here, use env(NAME)');
  }
  scanner.offset += rest.length;
  return regex(scanner, rest, false, rest.length);
}

/** A regular expression that can be compiled, so that a broken one is an error of the condition. */
function regex(scanner: Scanner, source: string, slashes: boolean, length: number): Pattern {
  try {
    compileRegex(source);
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    // `^(a|b)` without slashes ends before its last parenthesis, which surprises.
    const isCut = !slashes && scanner.text[scanner.offset] === ')';
    const hint = isCut ? ' (put it between slashes if it ends in a parenthesis)' : '';
    scanner.fail(`Invalid regular expression: ${error.message}${hint}`, scanner.offset - length);
  }
  return { kind: 'regex', source, slashes };
}
