const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const ipv6 = /^\[[0-9a-f:.]{2,45}\]$/;

/**
 * The host name that routes are kept under: lower-case, without port and closing dot.
 * Null where the text is no host name; such a request is refused rather than guessed at.
 */
export function parseHostHeader(text: string): string | null {
  let name = text;
  const colon = text.lastIndexOf(':');
  if (colon > text.lastIndexOf(']')) {
    if (!/^\d{1,5}$/.test(text.slice(colon + 1))) return null;
    name = text.slice(0, colon);
  }
  return normaliseHostName(name);
}

/** As {@link parseHostHeader}, for a bare name. */
export function normaliseHostName(text: string): string | null {
  let name = text.toLowerCase();
  if (ipv6.test(name)) return name;
  if (name.endsWith('.')) name = name.slice(0, -1);
  if (name.length === 0 || name.length > 253) return null;
  return name.split('.').every((part) => label.test(part)) ? name : null;
}
