import { evaluate, quote } from './shell.ts';

/** Which rule of spec/travis.md 5.3 a phase follows when one of its commands fails. */
export type FailureRule = 'stop' | 'script' | 'ignore';

/** A command of a phase. */
interface Command {
  /** As its author wrote it: what the log shows. */
  text: string;
  /** Run it up to three times (`travis_retry`). */
  retry?: boolean;
}

/** What a phase does: a build's own commands, or a language's defaults, which depend on the files there are. */
export type Step =
  | { kind: 'command'; command: Command }
  | { kind: 'when'; test: string; then: Step[]; otherwise: Step[] }
  | { kind: 'notice'; text: string }
  /** The default script of a language that has none: R becomes 1. */
  | { kind: 'fail'; text: string };

export const command = (text: string, options: { retry?: boolean } = {}): Step => ({
  kind: 'command',
  command: { text, ...options },
});
export const when = (test: string, then: Step[], otherwise: Step[] = []): Step => ({
  kind: 'when',
  test,
  then,
  otherwise,
});
export const notice = (text: string): Step => ({ kind: 'notice', text });

/** Collects the lines of a job's script. */
export interface Writer {
  line(text: string): void;
  /** `text` comes out as a yellow line of the log. */
  notice(text: string): void;
  /** One command with echo, timing and, unless `fold` is null, a fold; `rule` says what its failure does. */
  command(phase: string, fold: string | null, rule: FailureRule, what: Command): void;
  steps(phase: string, rule: FailureRule, steps: readonly Step[]): void;
  toString(): string;
}

export function createWriter(): Writer {
  const lines: string[] = [];
  const writer: Writer = {
    line: (text) => {
      lines.push(text);
    },
    notice: (text) => writer.line(`__sluice_notice ${quote(text)}`),
    command(phase, fold, rule, what) {
      writer.line(`__sluice_begin ${phase} ${quote(fold ?? '')} ${quote(what.text)}`);
      // The command stands by itself, in no condition and no function: only so does a build's `set -e` work, and only
      // so do `declare` and plain assignments reach the commands after it.
      writer.line(
        what.retry ? `travis_retry eval ${quote(what.text)} 198>&-` : evaluate(what.text),
      );
      writer.line(`__sluice_end ${rule} $?`);
    },
    steps(phase, rule, steps) {
      const folded = phase !== 'script';
      const several = countCommands(steps) > 1;
      let number = 0;
      const write = (list: readonly Step[]) => {
        for (const step of list) {
          if (step.kind === 'notice') writer.notice(step.text);
          else if (step.kind === 'fail') writeFail(writer, step.text);
          else if (step.kind === 'command') {
            number++;
            const fold = folded ? (several ? `${phase}.${number}` : phase) : null;
            writer.command(phase, fold, rule, step.command);
          } else {
            writer.line(`if ${step.test}; then`);
            writer.line(':');
            const before = number;
            write(step.then);
            if (step.otherwise.length > 0) {
              writer.line('else');
              number = before;
              write(step.otherwise);
            }
            writer.line('fi');
          }
        }
      };
      write(steps);
    },
    toString: () => `${lines.join('\n')}\n`,
  };
  return writer;
}

function writeFail(writer: Writer, text: string): void {
  writer.line(`__sluice_colored "$ANSI_RED" ${quote(text)}`);
  writer.line('export TRAVIS_TEST_RESULT=1');
}

/** How many commands can run in one go: the longest way through the branches. */
function countCommands(steps: readonly Step[]): number {
  let count = 0;
  for (const step of steps) {
    if (step.kind === 'command') count++;
    if (step.kind === 'when') {
      count += Math.max(countCommands(step.then), countCommands(step.otherwise));
    }
  }
  return count;
}
