/** What stands for an encrypted value wherever people or programs look at a configuration (spec/travis.md 14.3). */
const REDACTED = '[secure]';

/** True for `{ secure: "<base64>" }`. */
export function isSecure(value: unknown): value is { secure: string } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  return keys.length === 1 && 'secure' in value && typeof value.secure === 'string';
}

/** A copy of a configuration with every encrypted value replaced by `[secure]`. */
export function redact(value: unknown): unknown {
  if (isSecure(value)) return REDACTED;
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redact(item)]));
}
