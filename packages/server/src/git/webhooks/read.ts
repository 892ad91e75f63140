import { type HookEvent, type ParsedDelivery, UnreadableBody } from './types.ts';

/** The value at a path of an unknown JSON document; undefined where it ends before. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) {
      return undefined;
    }
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

/** Text there, or a number as text; null for everything else and for the empty text. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const found = at(value, ...path);
  if (typeof found === 'number' && Number.isFinite(found)) return String(found);
  return typeof found === 'string' && found !== '' ? found : null;
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** Throws `UnreadableBody` naming the path. */
export function needText(value: unknown, ...path: readonly string[]): string {
  const found = textAt(value, ...path);
  if (found === null) throw new UnreadableBody(`The body has no ${path.join('.')}.`);
  return found;
}

/** A positive whole number. Throws `UnreadableBody`. */
export function needNumber(value: unknown, ...path: readonly string[]): number {
  const found = at(value, ...path);
  if (typeof found !== 'number' || !Number.isSafeInteger(found) || found < 1) {
    throw new UnreadableBody(`The body has no number ${path.join('.')}.`);
  }
  return found;
}

/** A commit's name, also an abbreviated one. Throws `UnreadableBody`. */
export function needSha(value: unknown, ...path: readonly string[]): string {
  const found = needText(value, ...path);
  if (!/^[0-9a-f]{7,40}$/.test(found)) {
    throw new UnreadableBody(`${path.join('.')} is not the name of a commit.`);
  }
  return found;
}

/** Null for all zeros (deleted) and for everything that is no full name. */
export function shaAt(value: unknown, ...path: readonly string[]): string | null {
  const found = textAt(value, ...path);
  return found !== null && /^[0-9a-f]{40}$/.test(found) && !/^0+$/.test(found) ? found : null;
}

/** ISO 8601 in UTC; now where there is none. */
export function timeAt(value: unknown, ...path: readonly string[]): string {
  const found = textAt(value, ...path);
  // GitLab writes `2026-11-23 15:04:05 UTC`, Bitbucket Server milliseconds.
  const number = found !== null && /^\d{12,}$/.test(found) ? Number(found) : null;
  const time =
    number ?? Date.parse((found ?? '').replace(' UTC', 'Z').replace(/^(\S+) (?=\d)/, '$1T'));
  return new Date(Number.isNaN(time) ? Date.now() : time).toISOString();
}

export function headerText(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  name: string,
): string | null {
  const value = headers[name];
  const text = typeof value === 'string' ? value : value?.[0];
  return text === undefined || text === '' ? null : text;
}

export const told = (repository: string | null, events: readonly HookEvent[]): ParsedDelivery => ({
  repository: repository?.toLowerCase() ?? null,
  events,
  ignored: null,
});

export const ignored = (repository: string | null, why: string): ParsedDelivery => ({
  repository: repository?.toLowerCase() ?? null,
  events: [],
  ignored: why,
});
