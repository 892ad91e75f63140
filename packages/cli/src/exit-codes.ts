/** What the shell learns from `sluice` (docs/reference/cli.md). */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  /** The environment is on hold (spec/ordering.md 4.2). */
  held: 3,
  /** The thing does not exist, or this login may not see or do it. */
  notFound: 4,
  /** No server answers, or none is known. */
  noServer: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends the command with a message for the person and a code for the shell. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
