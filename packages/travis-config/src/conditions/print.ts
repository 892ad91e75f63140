import type { Expression, Operand, Pattern } from './ast.ts';

/** The condition as text that parses to the same meaning, with parentheses wherever they could matter. */
export function printCondition(expression: Expression): string {
  switch (expression.kind) {
    case 'or':
    case 'and': {
      const { left, right } = expression;
      return `${grouped(left)} ${expression.kind.toUpperCase()} ${grouped(right)}`;
    }
    case 'not':
      return `NOT ${grouped(expression.expression)}`;
    case 'is': {
      const not = expression.negated ? 'NOT ' : '';
      return `${operand(expression.operand)} IS ${not}${expression.predicate}`;
    }
    case 'in': {
      const not = expression.negated ? 'NOT ' : '';
      return `${operand(expression.operand)} ${not}IN (${list(expression.list)})`;
    }
    case 'match': {
      const operator = expression.negated ? '!~' : '=~';
      return `${operand(expression.operand)} ${operator} ${pattern(expression.pattern)}`;
    }
    case 'equal': {
      const operator = expression.negated ? '!=' : '=';
      return `${operand(expression.left)} ${operator} ${operand(expression.right)}`;
    }
    case 'bare':
      return operand(expression.operand);
  }
}

function grouped(expression: Expression): string {
  const simple = expression.kind !== 'or' && expression.kind !== 'and';
  return simple ? printCondition(expression) : `(${printCondition(expression)})`;
}

function operand(value: Operand): string {
  switch (value.kind) {
    case 'variable':
      return value.name;
    case 'call':
      return `${value.name}(${list(value.args)})`;
    case 'value':
      return value.text.includes('"') ? `'${value.text}'` : `"${value.text}"`;
  }
}

function list(values: Operand[]): string {
  return values.map(operand).join(', ');
}

function pattern(value: Pattern): string {
  if (value.kind === 'call') return operand(value);
  return value.slashes ? `/${value.source}/` : value.source;
}
