import type { Json } from '../messages.ts';
import { RegexError, RegexSearch } from '../regex/index.ts';
import { ConditionError, type Expression, type Operand, type Pattern } from './ast.ts';
import { type ConditionData, type EvaluationData, evaluationData } from './data.ts';

type Value = string | number | boolean | null;

/**
 * Whether the condition holds for the data (spec 13).
 *
 * @throws ConditionError for a regular expression that is invalid, or too costly on this text
 */
export function evaluateCondition(
  expression: Expression,
  data: ConditionData,
  search: RegexSearch = new RegexSearch(),
): boolean {
  try {
    return evaluate(expression, { ...evaluationData(data), search });
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    throw new ConditionError(error.message, 0);
  }
}

type Known = EvaluationData & { search: RegexSearch };

function evaluate(expression: Expression, data: Known): boolean {
  data.search.spend(1);
  switch (expression.kind) {
    case 'or':
      return evaluate(expression.left, data) || evaluate(expression.right, data);
    case 'and':
      return evaluate(expression.left, data) && evaluate(expression.right, data);
    case 'not':
      return !evaluate(expression.expression, data);
    case 'is':
      return (
        predicate(expression.predicate, value(expression.operand, data)) !== expression.negated
      );
    case 'in': {
      const left = value(expression.operand, data);
      const found = expression.list.some((entry) => equal(left, value(entry, data)));
      return found !== expression.negated;
    }
    case 'match':
      return matches(expression.operand, expression.pattern, data) !== expression.negated;
    case 'equal': {
      const found = equal(value(expression.left, data), value(expression.right, data));
      return found !== expression.negated;
    }
    case 'bare':
      return isTruthy(value(expression.operand, data));
  }
}

function value(operand: Operand, data: Known): Value {
  switch (operand.kind) {
    case 'variable':
      return scalar(
        Object.hasOwn(data.variables, operand.name) ? data.variables[operand.name] : null,
      );
    case 'value':
      return operand.text;
    case 'call': {
      const args = operand.args.map((arg) => value(arg, data));
      if (operand.name === 'concat') return args.map((arg) => arg ?? '').join('');
      const name = String(args[0] ?? '');
      return Object.hasOwn(data.env, name) ? (data.env[name] ?? null) : null;
    }
  }
}

function scalar(value: Json | undefined): Value {
  if (value === undefined || typeof value === 'object') return null;
  return value;
}

/** Texts `true` and `false`, in any case, are the booleans, numbers are their text. */
function cast(value: Value): string | boolean | null {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return value;
  const lower = value.toLowerCase();
  if (lower === 'true') return true;
  return lower === 'false' ? false : value;
}

function equal(left: Value, right: Value): boolean {
  return cast(left) === cast(right);
}

function isTruthy(value: Value): boolean {
  const plain = cast(value);
  return plain !== null && plain !== false;
}

function predicate(name: 'present' | 'blank' | 'true' | 'false', value: Value): boolean {
  switch (name) {
    case 'present':
      return isPresent(value);
    case 'blank':
      return !isPresent(value);
    case 'true':
      return isTruthy(value);
    case 'false':
      return !isTruthy(value);
  }
}

function isPresent(value: Value): boolean {
  return isTruthy(value) && value !== '';
}

function matches(left: Operand, pattern: Pattern, data: Known): boolean {
  const source = pattern.kind === 'regex' ? pattern.source : value(pattern, data);
  const text = value(left, data);
  if (text === null || source === null) return false;
  return data.search.test(String(source), String(text));
}
