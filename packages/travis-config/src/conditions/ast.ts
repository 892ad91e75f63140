/** A parsed condition (spec 13). */
export type Expression =
  | { kind: 'or' | 'and'; left: Expression; right: Expression }
  | { kind: 'not'; expression: Expression }
  | { kind: 'is'; operand: Operand; negated: boolean; predicate: Predicate }
  | { kind: 'in'; operand: Operand; negated: boolean; list: Operand[] }
  | { kind: 'match'; operand: Operand; negated: boolean; pattern: Pattern }
  | { kind: 'equal'; left: Operand; negated: boolean; right: Operand }
  | { kind: 'bare'; operand: Operand };

export type Predicate = 'present' | 'blank' | 'true' | 'false';

export type Operand =
  | { kind: 'variable'; name: Variable }
  | { kind: 'call'; name: FunctionName; args: Operand[] }
  | { kind: 'value'; text: string };

/** What stands right of `=~`: a call giving the text of a regular expression, or the text itself. */
export type Pattern =
  | { kind: 'call'; name: FunctionName; args: Operand[] }
  | { kind: 'regex'; source: string; slashes: boolean };

export const functionNames = ['env', 'concat'] as const;
export type FunctionName = (typeof functionNames)[number];

export const variables = [
  'type',
  'repo',
  'head_repo',
  'os',
  'dist',
  'group',
  'sudo',
  'language',
  'sender',
  'fork',
  'draft',
  'branch',
  'head_branch',
  'tag',
  'commit_message',
] as const;
export type Variable = (typeof variables)[number];

/** The condition cannot be parsed, or holds a regular expression that cannot be used. */
export class ConditionError extends Error {
  /** Where in the condition's text, counted from 0. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'ConditionError';
    this.offset = offset;
  }
}
