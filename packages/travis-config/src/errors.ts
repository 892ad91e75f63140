import type { Position } from './messages.ts';

/**
 * Why a configuration cannot be used at all (spec 1.1): the build is `errored` and no job runs.
 *
 * - `invalid_yaml`: the text is not YAML
 * - `not_a_mapping`: it is, but its top level is a list or a scalar
 * - `too_large`: longer than `limits.maxBytes`
 * - `too_deep`: nested deeper than `limits.maxDepth`
 * - `too_many_nodes`: aliases or merge keys blow it up beyond `limits.maxNodes`
 * - `matrix_too_large`: more than `limits.maxJobs` jobs, or jobs too large together
 */
export type ConfigErrorCode =
  | 'invalid_yaml'
  | 'not_a_mapping'
  | 'too_large'
  | 'too_deep'
  | 'too_many_nodes'
  | 'matrix_too_large';

/** The one error this library throws for bad input; `line` and `column` count from 1. */
export class ConfigError extends Error {
  readonly code: ConfigErrorCode;
  readonly line: number;
  readonly column: number;

  constructor(code: ConfigErrorCode, message: string, at: Position = { line: 1, column: 1 }) {
    super(message);
    this.name = 'ConfigError';
    this.code = code;
    this.line = at.line;
    this.column = at.column;
  }
}
