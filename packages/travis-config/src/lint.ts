import { ConfigError, type ConfigErrorCode } from './errors.ts';
import { defaultLimits } from './limits.ts';
import { checkSize } from './matrix/axes.ts';
import type { Message } from './messages.ts';
import type { ParseOptions } from './parse.ts';
import { readConfig } from './read-config.ts';

export interface LintResult {
  /** False when the file could not be built, or has messages of level `error` or `alert`. */
  ok: boolean;
  messages: Message[];
  /** Why the file could not be built at all. */
  error?: { code: ConfigErrorCode; message: string; line: number; column: number };
}

/** Everything there is to say about a file without knowing the build. Never throws for bad input. */
export function lint(text: string, options: ParseOptions = {}): LintResult {
  const result = readConfig(text, options);
  if (!result.ok) return { ok: false, messages: [], error: result.error };
  const { config, messages } = result;
  try {
    checkSize(config, { ...defaultLimits, ...options.limits });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { code, message, line, column } = error;
    return { ok: false, messages, error: { code, message, line, column } };
  }
  const ok = messages.every(({ level }) => level !== 'error' && level !== 'alert');
  return { ok, messages };
}
