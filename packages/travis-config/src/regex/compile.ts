import { type Regex, RegexError } from './ast.ts';
import { type Budget, Matcher } from './match.ts';
import { parseRegex } from './parse.ts';
import type { Instruction, Program } from './program.ts';

/** Counted repetitions are written out, so this bounds them. */
const maxInstructions = 20_000;

interface CompiledRegex {
  /**
   * Whether the expression matches somewhere in the text. Linear in the text's length times the
   * expression's, except with backreferences, lookbehind and atomic groups; those run on a budget.
   *
   * @throws RegexError when the budget is spent
   */
  test(text: string, budget?: Budget): boolean;
}

/** Compiles a regular expression of Ruby's dialect. @throws RegexError */
export function compileRegex(source: string): CompiledRegex {
  const parsed = parseRegex(source);
  const compiler = new Compiler(parsed.captures, parsed.hasBackreferences);
  const program = compiler.program(parsed.regex);
  return {
    test: (text, budget) =>
      new Matcher(program, text, parsed.hasBackreferences, compiler.slots, budget).search(),
  };
}

class Compiler {
  slots: number;
  private size = 0;
  private readonly hasBackreferences: boolean;

  constructor(captures: number, hasBackreferences: boolean) {
    this.slots = 2 * (captures + 1);
    this.hasBackreferences = hasBackreferences;
  }

  program(regex: Regex): Program {
    const program: Program = [];
    this.emit(regex, program);
    this.push(program, { op: 'match' });
    return program;
  }

  private push(program: Program, instruction: Instruction): number {
    if (++this.size > maxInstructions) throw new RegexError('regular expression too large');
    return program.push(instruction) - 1;
  }

  private emit(regex: Regex, program: Program): void {
    switch (regex.kind) {
      case 'empty':
        return;
      case 'set':
        this.push(program, { op: 'char', test: regex.test });
        return;
      case 'sequence':
        for (const item of regex.items) this.emit(item, program);
        return;
      case 'choice':
        this.choice(regex.options, program);
        return;
      case 'repeat':
        this.repeat(regex, program);
        return;
      case 'capture':
        this.capture(regex.item, regex.index, program);
        return;
      case 'assert':
        this.push(program, { op: 'assert', at: regex.at });
        return;
      case 'look': {
        const { behind, negated } = regex;
        this.push(program, { op: 'look', program: this.program(regex.item), behind, negated });
        return;
      }
      case 'atomic':
        this.push(program, { op: 'atomic', program: this.program(regex.item) });
        return;
      case 'backreference': {
        const { index, ignoreCase } = regex;
        this.push(program, { op: 'backreference', index, ignoreCase });
        return;
      }
    }
  }

  private capture(item: Regex, index: number, program: Program): void {
    if (this.hasBackreferences) this.push(program, { op: 'save', slot: 2 * index });
    this.emit(item, program);
    if (this.hasBackreferences) this.push(program, { op: 'save', slot: 2 * index + 1 });
  }

  private choice(options: Regex[], program: Program): void {
    const ends: { op: 'jump'; to: number }[] = [];
    for (const [index, option] of options.entries()) {
      if (index === options.length - 1) {
        this.emit(option, program);
        break;
      }
      const split = { op: 'split' as const, first: program.length + 1, second: 0 };
      this.push(program, split);
      this.emit(option, program);
      const end = { op: 'jump' as const, to: 0 };
      this.push(program, end);
      ends.push(end);
      split.second = program.length;
    }
    for (const end of ends) end.to = program.length;
  }

  private repeat(regex: Extract<Regex, { kind: 'repeat' }>, program: Program): void {
    if (regex.mode === 'possessive') {
      const inner: Regex = { ...regex, mode: 'greedy' };
      this.push(program, { op: 'atomic', program: this.program(inner) });
      return;
    }
    const { item, min, max, mode } = regex;
    for (let count = 0; count < min; count++) this.emit(item, program);
    if (max === Number.POSITIVE_INFINITY) {
      this.loop(item, mode === 'lazy', program);
      return;
    }
    const splits: { op: 'split'; first: number; second: number }[] = [];
    for (let count = min; count < max; count++) {
      const split = { op: 'split' as const, first: 0, second: 0 };
      this.push(program, split);
      splits.push(split);
      split.first = program.length;
      this.emit(item, program);
    }
    for (const split of splits) {
      split.second = program.length;
      if (mode === 'lazy') [split.first, split.second] = [split.second, split.first];
    }
  }

  private loop(item: Regex, isLazy: boolean, program: Program): void {
    const split = { op: 'split' as const, first: 0, second: 0 };
    const head = this.push(program, split);
    const slot = this.slots;
    if (this.hasBackreferences) {
      this.slots++;
      this.push(program, { op: 'save', slot });
    }
    const body = program.length;
    this.emit(item, program);
    if (this.hasBackreferences) this.push(program, { op: 'progress', slot });
    this.push(program, { op: 'jump', to: head });
    const start = this.hasBackreferences ? body - 1 : body;
    split.first = isLazy ? program.length : start;
    split.second = isLazy ? start : program.length;
  }
}
