import { RegexError } from './ast.ts';
import { compileRegex } from './compile.ts';
import { type Budget, defaultSteps } from './match.ts';

/**
 * Searches for one build. Each pair of expression and text is looked at once, however many jobs ask, and all
 * searches share one budget: a build with a thousand slow conditions is refused as fast as one with one.
 */
export class RegexSearch {
  private readonly budget: Budget;
  private readonly answers = new Map<string, Map<string, boolean | RegexError>>();

  constructor(budget: Budget = { steps: defaultSteps }) {
    this.budget = budget;
  }

  /** Takes steps of other work off the budget. @throws RegexError when it is spent */
  spend(steps: number): void {
    this.budget.steps -= steps;
    if (this.budget.steps < 0) throw new RegexError('the conditions take too long');
  }

  /** Whether the expression matches somewhere in the text. @throws RegexError */
  test(source: string, text: string): boolean {
    const answers = this.answers.get(source) ?? new Map<string, boolean | RegexError>();
    this.answers.set(source, answers);
    const answer = answers.get(text) ?? this.search(source, text);
    answers.set(text, answer);
    if (answer instanceof RegexError) throw answer;
    return answer;
  }

  private search(source: string, text: string): boolean | RegexError {
    try {
      return compileRegex(source).test(text, this.budget);
    } catch (error) {
      if (error instanceof RegexError) return error;
      throw error;
    }
  }
}
