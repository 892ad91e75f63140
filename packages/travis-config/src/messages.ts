/** Severity of a {@link Message}. No level ever fails a build (spec 1.4). */
export type Level = 'alert' | 'error' | 'warn' | 'info';

/** Anything JSON can hold. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };

/** A place in the file's text, both counted from 1. */
export interface Position {
  line: number;
  column: number;
  /** The imported file (spec 10) it is in; absent for the main one. */
  source?: string;
}

/**
 * One remark about a configuration.
 *
 * `key` is the dotted path of the value it is about (`jobs.include.script`, without list indices), `root` for the file as a
 * whole. `code` is one of the codes of spec 1.4, `args` the names and values the sentence needs
 * (see {@link describe} for the sentence).
 */
export interface Message {
  level: Level;
  key: string;
  code: MessageCode;
  args: { [name: string]: Json };
  line: number;
  column: number;
  /** The imported file it is about; absent for the main one. */
  source?: string;
}

/** Every code with its level. One table, so that a code cannot be warn here and error there. */
export const levels = {
  alias_key: 'info',
  alias_value: 'info',
  clean_key: 'warn',
  clean_value: 'warn',
  default: 'info',
  deprecated: 'warn',
  deprecated_key: 'warn',
  deprecated_value: 'warn',
  downcase: 'info',
  duplicate: 'info',
  duplicate_key: 'error',
  empty: 'warn',
  find_key: 'warn',
  find_value: 'warn',
  invalid_condition: 'error',
  invalid_env_var: 'error',
  invalid_format: 'error',
  invalid_type: 'error',
  overwrite: 'error',
  required: 'error',
  secure: 'alert',
  skip_allow_failure: 'info',
  skip_exclude: 'info',
  skip_import: 'info',
  skip_job: 'info',
  skip_notification: 'info',
  skip_stage: 'info',
  strip_key: 'warn',
  too_many_imports: 'error',
  underscore_key: 'info',
  unexpected_seq: 'warn',
  unknown_anchor: 'warn',
  unknown_import: 'error',
  unknown_key: 'warn',
  unknown_value: 'error',
  unknown_var: 'warn',
  unsupported: 'warn',
} as const satisfies Record<string, Level>;

export type MessageCode = keyof typeof levels;

/** The most messages kept for one file; a hostile file must not turn into a million objects. */
const maxMessages = 2_000;

/** Collects the messages of one run, in the order they were found. */
export class Messages {
  readonly list: Message[] = [];

  add(code: MessageCode, key: string, at: Position, args: { [name: string]: Json } = {}): void {
    if (this.list.length >= maxMessages) return;
    const level = levels[code];
    const { line, column, source } = at;
    this.list.push({
      level,
      key,
      code,
      args,
      line,
      column,
      ...(source === undefined ? {} : { source }),
    });
  }
}
