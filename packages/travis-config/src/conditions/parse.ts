import type { Expression, Predicate } from './ast.ts';
import { inList, operand, pattern } from './operand.ts';
import { Scanner } from './scanner.ts';

/** Far more than anyone writes; keeps the recursion below from running out of stack. */
const maxDepth = 200;
const maxLength = 20_000;

/**
 * Parses a condition, version v1 (spec 13). NOT binds tightest, then AND, then OR.
 *
 * @throws ConditionError
 */
export function parseCondition(text: string): Expression {
  const scanner = new Scanner(text);
  if (text.length > maxLength) scanner.fail('The condition is too long', 0);
  const expression = or(scanner, 0);
  if (!scanner.atEnd) scanner.fail('Unexpected text');
  return expression;
}

/** A keyword ends where a word would end, or where the next operator or operand clearly starts. */
const keyword = (name: string) => new RegExp(`${name}(?=[\\s()"'!$]|$)`, 'iy');
const orOperator = new RegExp(`${keyword('or').source}|\\|\\|`, 'iy');
const andOperator = new RegExp(`${keyword('and').source}|&&`, 'iy');
const notOperator = new RegExp(`${keyword('not').source}|!(?![=~])`, 'iy');
const isOperator = keyword('is');
const inOperator = keyword('in');
const notIn = /not\s+in(?=[\s(]|$)/iy;
const notKeyword = keyword('not');
const predicatePattern = /(?:present|blank|true|false)(?![^\s()"',=!|&])/iy;

function or(scanner: Scanner, depth: number): Expression {
  let left = and(scanner, depth);
  while (scanner.take(orOperator) !== undefined) {
    left = { kind: 'or', left, right: and(scanner, depth) };
  }
  return left;
}

function and(scanner: Scanner, depth: number): Expression {
  let left = unary(scanner, depth);
  while (scanner.take(andOperator) !== undefined) {
    left = { kind: 'and', left, right: unary(scanner, depth) };
  }
  return left;
}

function unary(scanner: Scanner, depth: number): Expression {
  if (depth > maxDepth) scanner.fail('The condition is nested too deeply');
  if (scanner.take(notOperator) !== undefined) {
    return { kind: 'not', expression: unary(scanner, depth + 1) };
  }
  if (scanner.take(/\(/y) === undefined) return test(scanner);
  const inner = or(scanner, depth + 1);
  if (scanner.take(/\)/y) === undefined) scanner.fail('Expected )');
  return inner;
}

function test(scanner: Scanner): Expression {
  const left = operand(scanner);
  if (scanner.take(isOperator) !== undefined) {
    const negated = scanner.take(notKeyword) !== undefined;
    const found = scanner.take(predicatePattern);
    if (found === undefined) return scanner.fail('Expected present, blank, true or false');
    return { kind: 'is', operand: left, negated, predicate: found.toLowerCase() as Predicate };
  }
  if (scanner.take(notIn) !== undefined) {
    return { kind: 'in', operand: left, negated: true, list: inList(scanner) };
  }
  if (scanner.take(inOperator) !== undefined) {
    return { kind: 'in', operand: left, negated: false, list: inList(scanner) };
  }
  const match = scanner.take(/=~|~=|!~/y);
  if (match !== undefined) {
    return { kind: 'match', operand: left, negated: match === '!~', pattern: pattern(scanner) };
  }
  const equal = scanner.take(/==|=|!=/y);
  if (equal !== undefined) {
    return { kind: 'equal', left, negated: equal === '!=', right: operand(scanner) };
  }
  return { kind: 'bare', operand: left };
}
