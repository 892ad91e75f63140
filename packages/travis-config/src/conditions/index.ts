export {
  ConditionError,
  type Expression,
  type FunctionName,
  type Operand,
  type Pattern,
  type Predicate,
  type Variable,
} from './ast.ts';
export type { ConditionData } from './data.ts';
export { evaluateCondition } from './evaluate.ts';
export { parseCondition } from './parse.ts';
export { printCondition } from './print.ts';
