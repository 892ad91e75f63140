import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/**
 * Where a command writes: results to standard output, all that is said about them to standard error, so that
 * output can be piped. Colours and moving progress only on a terminal (and never with `NO_COLOR` or `--no-color`).
 */
export interface Terminal {
  /** A line of the result. */
  print(text: string): void;
  /** Text of the result as it is, without a line end of our own. */
  write(text: string): void;
  /** A line about what is going on. */
  note(text: string): void;
  style(style: Style, text: string): string;
  styleNote(style: Style, text: string): string;
  readonly isInteractive: boolean;
  /** Replaces the line at the bottom of the terminal; `null` clears it. Does nothing where there is no terminal. */
  progress(text: string | null): void;
}

export interface TerminalOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: NodeJS.ProcessEnv;
  readonly colour: boolean;
}

export function createTerminal({ stdout, stderr, environment, colour }: TerminalOptions): Terminal {
  const wantsColour = colour && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  const paint = (stream: NodeJS.WriteStream) => (style: Style, text: string) =>
    wantsColour && stream.isTTY ? styleText(style, text, { validateStream: false }) : text;
  const moves = stderr.isTTY === true && environment['TERM'] !== 'dumb';
  let progressShown = false;

  const clearProgress = () => {
    if (!progressShown) return;
    stderr.write('\r\u001b[2K');
    progressShown = false;
  };

  return {
    print: (text) => {
      clearProgress();
      stdout.write(`${text}\n`);
    },
    write: (text) => {
      clearProgress();
      stdout.write(text);
    },
    note: (text) => {
      clearProgress();
      stderr.write(`${text}\n`);
    },
    style: paint(stdout),
    styleNote: paint(stderr),
    isInteractive: moves,
    progress: (text) => {
      if (!moves) return;
      clearProgress();
      if (text === null) return;
      stderr.write(text.slice(0, Math.max(10, (stderr.columns ?? 80) - 1)));
      progressShown = true;
    },
  };
}
