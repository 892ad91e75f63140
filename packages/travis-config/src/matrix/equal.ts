import type { Json } from '../messages.ts';

/** Deep equality of JSON values; absent is not null. The order of an object's keys does not matter. */
export function isEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((value, index) => isEqual(value, b[index]));
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]));
}

/**
 * A text equal values share and different ones do not: what makes removing duplicates linear. `known` keeps
 * the texts of lists and maps by identity, since the jobs of a matrix share most of theirs.
 */
export function fingerprint(value: Json | undefined, known?: Map<object, string>): string {
  if (value === undefined) return 'undefined';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const found = known?.get(value);
  if (found !== undefined) return found;
  const print = Array.isArray(value)
    ? `[${value.map((item) => fingerprint(item, known)).join(',')}]`
    : `{${Object.keys(value)
        .sort()
        .map((key) => `${JSON.stringify(key)}:${fingerprint(value[key], known)}`)
        .join(',')}}`;
  known?.set(value, print);
  return print;
}

/** The first of each set of equal values. */
export function unique<T extends Json>(values: readonly T[]): T[] {
  if (values.length < 2) return [...values];
  const seen = new Set<string>();
  const known = new Map<object, string>();
  return values.filter((value) => {
    const print = fingerprint(value, known);
    if (seen.has(print)) return false;
    seen.add(print);
    return true;
  });
}
