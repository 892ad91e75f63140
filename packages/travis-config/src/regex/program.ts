import type { Assertion, CharTest } from './ast.ts';

/** One step of a compiled expression; jumps are indices into the program. */
export type Instruction =
  | { op: 'char'; test: CharTest }
  | { op: 'split'; first: number; second: number }
  | { op: 'jump'; to: number }
  | { op: 'assert'; at: Assertion }
  | { op: 'save'; slot: number }
  /** Fails when nothing was consumed since the slot was saved: ends loops over the empty text. */
  | { op: 'progress'; slot: number }
  | { op: 'look'; program: Program; behind: boolean; negated: boolean }
  | { op: 'atomic'; program: Program }
  | { op: 'backreference'; index: number; ignoreCase: boolean }
  | { op: 'match' };

export type Program = Instruction[];
