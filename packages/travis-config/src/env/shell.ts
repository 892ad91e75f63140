import type { EnvRow, Secure } from '../types.ts';
import { wordEnd } from './string.ts';

/**
 * The shell text of a value for `export NAME=<text>` (spec 3.2). Values from strings arrive quoted as the
 * user wrote them and stay so; one with blanks outside quotes (from a YAML map) is put into double quotes,
 * inside which the shell still expands `$VAR`.
 */
export function shellValue(value: string): string {
  if (isOneWord(value)) return value;
  return `"${value.replace(/\\(?=["\\])|"/g, '\\$&')}"`;
}

function isOneWord(value: string): boolean {
  try {
    return wordEnd(value, 0) === value.length;
  } catch {
    return false;
  }
}

/** True for a row that is one encrypted blob of assignments rather than a map of names. */
export function isSecureRow(row: EnvRow): row is Secure {
  return Object.keys(row).length === 1 && typeof row['secure'] === 'string';
}

/** The assignments of a row as shell text for `export`, in order; none for an encrypted row. */
export function exportsOf(row: EnvRow): { name: string; value: string | Secure }[] {
  if (isSecureRow(row)) return [];
  return Object.entries(row).map(([name, value]) => ({
    name,
    value: typeof value === 'string' ? shellValue(value) : value,
  }));
}

/** A value with one pair of surrounding quotes removed: what a condition sees (spec 13). */
export function unquoted(value: string): string {
  const [first] = value;
  const quoted = value.length >= 2 && (first === '"' || first === "'") && value.endsWith(first);
  return quoted ? value.slice(1, -1) : value;
}
