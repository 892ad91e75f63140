import { type Assertion, RegexError } from './ast.ts';
import type { Instruction, Program } from './program.ts';
import { caseVariants, isUnicodeWord } from './sets.ts';

/** Steps left. Shared by all conditions of one build, so that many slow ones are not slow together. */
export interface Budget {
  steps: number;
}

/** At most half a second on a slow and busy machine. */
export const defaultSteps = 2_000_000;

/** The most (instruction, position) pairs remembered at once; one byte each. */
const maxVisited = 16_000_000;

type Slots = readonly number[];

interface Thread {
  pc: number;
  at: number;
  slots: Slots;
}

/**
 * Backtracking over a compiled program, on a stack of its own. Since only the yes or no of a match is wanted,
 * a state met a second time need not be tried again: that makes it linear where a plain backtracker is
 * exponential (`(a+)+$`). With backreferences a state also depends on what was captured, so there every
 * path is tried, until the budget is spent.
 */
export class Matcher {
  private readonly program: Program;
  private readonly codes: readonly number[];
  private readonly hasBackreferences: boolean;
  private readonly slotCount: number;
  private readonly budget: Budget;

  constructor(
    program: Program,
    text: string,
    hasBackreferences: boolean,
    slotCount: number,
    budget: Budget = { steps: defaultSteps },
  ) {
    this.program = program;
    this.codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
    this.hasBackreferences = hasBackreferences;
    this.slotCount = slotCount;
    this.budget = budget;
  }

  /** Whether the program matches from any position. */
  search(): boolean {
    const slots = this.hasBackreferences ? new Array<number>(this.slotCount).fill(-1) : [];
    const visited = this.visited(this.program, 0);
    for (let start = 0; start <= this.codes.length; start++) {
      if (this.run(this.program, start, slots, visited)) return true;
    }
    return false;
  }

  private visited(program: Program, from: number): Visited | undefined {
    if (this.hasBackreferences) return undefined;
    const size = program.length * (this.codes.length - from + 1);
    // Clearing memory is work too, and lookbehind and atomic groups ask for it at every position.
    this.budget.steps -= size >> 6;
    if (size > maxVisited) throw tooCostly();
    return new Visited(size, program.length, from);
  }

  /** The thread that reaches the end of the program first, in the order of preference. */
  private run(
    program: Program,
    start: number,
    slots: Slots,
    visited: Visited | undefined,
    end?: number,
  ): Thread | undefined {
    const stack: Thread[] = [{ pc: 0, at: start, slots }];
    for (let thread = stack.pop(); thread; thread = stack.pop()) {
      // Without `visited` each step may copy the captures.
      this.budget.steps -= visited ? 1 : 4;
      if (this.budget.steps < 0) throw tooCostly();
      if (visited && !visited.first(thread)) continue;
      const instruction = program[thread.pc];
      if (!instruction) continue;
      if (instruction.op === 'match') {
        if (end === undefined || thread.at === end) return thread;
        continue;
      }
      this.step(instruction, thread, stack);
    }
    return undefined;
  }

  private step(
    instruction: Exclude<Instruction, { op: 'match' }>,
    thread: Thread,
    stack: Thread[],
  ): void {
    const { pc, at, slots } = thread;
    switch (instruction.op) {
      case 'char': {
        const code = this.codes[at];
        if (code !== undefined && instruction.test(code))
          stack.push({ pc: pc + 1, at: at + 1, slots });
        return;
      }
      case 'split':
        stack.push({ pc: instruction.second, at, slots }, { pc: instruction.first, at, slots });
        return;
      case 'jump':
        stack.push({ pc: instruction.to, at, slots });
        return;
      case 'assert':
        if (this.holds(instruction.at, at)) stack.push({ pc: pc + 1, at, slots });
        return;
      case 'save':
        stack.push({ pc: pc + 1, at, slots: slots.with(instruction.slot, at) });
        return;
      case 'progress':
        if (slots[instruction.slot] !== at) stack.push({ pc: pc + 1, at, slots });
        return;
      case 'atomic': {
        const inner = this.run(
          instruction.program,
          at,
          slots,
          this.visited(instruction.program, at),
        );
        if (inner) stack.push({ pc: pc + 1, at: inner.at, slots: inner.slots });
        return;
      }
      case 'look': {
        const found = instruction.behind
          ? this.behind(instruction.program, at, slots)
          : this.run(instruction.program, at, slots, this.visited(instruction.program, at));
        if ((found === undefined) !== instruction.negated) return;
        stack.push({
          pc: pc + 1,
          at,
          slots: instruction.negated ? slots : (found?.slots ?? slots),
        });
        return;
      }
      case 'backreference': {
        const next = this.repeated(instruction, at, slots);
        if (next !== undefined) stack.push({ pc: pc + 1, at: next, slots });
        return;
      }
    }
  }

  /** A match of the program that ends exactly here, tried from the nearest start on. */
  private behind(program: Program, at: number, slots: Slots): Thread | undefined {
    for (let start = at; start >= 0; start--) {
      // What lies before `start` cannot matter, what lies after `at` may only be looked at.
      const found = this.run(program, start, slots, this.visited(program, start), at);
      if (found) return found;
    }
    return undefined;
  }

  private repeated(
    { index, ignoreCase }: { index: number; ignoreCase: boolean },
    at: number,
    slots: Slots,
  ): number | undefined {
    const from = slots[2 * index] ?? -1;
    const to = slots[2 * index + 1] ?? -1;
    if (from < 0 || to < from) return undefined;
    for (let offset = 0; offset < to - from; offset++) {
      this.budget.steps--;
      const wanted = this.codes[from + offset];
      const given = this.codes[at + offset];
      if (given === undefined || wanted === undefined) return undefined;
      if (given !== wanted && !(ignoreCase && caseVariants(wanted).includes(given)))
        return undefined;
    }
    return at + to - from;
  }

  private holds(assertion: Assertion, at: number): boolean {
    const { codes } = this;
    const { length } = codes;
    switch (assertion) {
      case 'lineStart':
        // Not after a newline that ends the text: that is Ruby's rule.
        return at === 0 || (codes[at - 1] === 0x0a && at < length);
      case 'lineEnd':
        return at === length || codes[at] === 0x0a;
      case 'textStart':
        return at === 0;
      case 'textEnd':
        return at === length;
      case 'textEndOrNewline':
        return at === length || (at === length - 1 && codes[at] === 0x0a);
      case 'wordBoundary':
        return this.isWordAt(at - 1) !== this.isWordAt(at);
      case 'noWordBoundary':
        return this.isWordAt(at - 1) === this.isWordAt(at);
    }
  }

  private isWordAt(at: number): boolean {
    const code = this.codes[at];
    return code !== undefined && isUnicodeWord(code);
  }
}

/** The states met so far. */
class Visited {
  private readonly states: Uint8Array;
  private readonly width: number;
  private readonly from: number;

  constructor(size: number, width: number, from: number) {
    this.states = new Uint8Array(size);
    this.width = width;
    this.from = from;
  }

  /** True the first time a state is met. */
  first({ pc, at }: Thread): boolean {
    const index = (at - this.from) * this.width + pc;
    if (this.states[index] === 1) return false;
    this.states[index] = 1;
    return true;
  }
}

function tooCostly(): RegexError {
  return new RegexError('the regular expression takes too long on this text');
}
