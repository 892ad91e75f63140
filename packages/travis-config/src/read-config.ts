import { ConfigError, type ConfigErrorCode } from './errors.ts';
import type { Message, Position } from './messages.ts';
import { type ParseOptions, parse } from './parse.ts';
import type { BuildConfig } from './types.ts';

export type ReadResult =
  | {
      ok: true;
      config: BuildConfig;
      messages: Message[];
      positions: ReadonlyMap<string, Position>;
    }
  | {
      ok: false;
      error: { code: ConfigErrorCode; message: string; line: number; column: number };
    };

/**
 * {@link parse} for callers that keep errors as data. `null` means that the commit has no `.travis.yml`: a
 * build with defaults and a warning (spec 1.1). `ok: false` means that the build is errored and no job runs.
 */
export function readConfig(text: string | null, options: ParseOptions = {}): ReadResult {
  try {
    return { ok: true, ...parse(text ?? '', options) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { code, message, line, column } = error;
    return { ok: false, error: { code, message, line, column } };
  }
}
