import { secureKey } from './imports.ts';
import { isSecure } from './redact.ts';

/** Null: not decryptable. */
export type Decrypt = (base64: string) => Promise<string | null>;

/**
 * Opens a build's encrypted values with its repository's key, those of imported files with the key of where they stood
 * (spec/travis.md 10).
 */
export function decryptFor(
  secrets: { decrypt(repositoryUuid: string, base64: string): Promise<string | null> },
  repositoryUuid: string,
  secureOrigins: string | null,
): Decrypt {
  const origins = new Map<string, string | null>(
    Object.entries(secureOrigins === null ? {} : JSON.parse(secureOrigins)),
  );
  return async (base64) => {
    const key = secureKey(base64);
    const owner = origins.has(key) ? (origins.get(key) ?? null) : repositoryUuid;
    return owner === null ? null : secrets.decrypt(owner, base64);
  };
}

export interface Opened {
  readonly value: unknown;
  /** Every plain text that was found, for masking. */
  readonly secrets: readonly string[];
  /** Dotted keys of values that could not be decrypted and were dropped. */
  readonly dropped: readonly string[];
}

const DROPPED = Symbol('dropped');

/**
 * Decrypts every `{ secure: ... }` in a configuration in place (spec/travis.md 14.3). A value that cannot be decrypted
 * disappears, from a list together with its place.
 */
export async function openSecrets(config: unknown, decrypt: Decrypt): Promise<Opened> {
  const secrets: string[] = [];
  const dropped: string[] = [];

  const open = async (value: unknown, path: string): Promise<unknown> => {
    if (isSecure(value)) {
      const plain = await decrypt(value.secure);
      if (plain === null) {
        dropped.push(path);
        return DROPPED;
      }
      secrets.push(plain);
      return plain;
    }
    if (Array.isArray(value)) {
      const items: unknown[] = [];
      for (const [index, item] of value.entries()) {
        const opened = await open(item, path === '' ? String(index) : `${path}.${index}`);
        if (opened !== DROPPED) items.push(opened);
      }
      return items;
    }
    if (typeof value === 'object' && value !== null) {
      const entries: [string, unknown][] = [];
      for (const [key, item] of Object.entries(value)) {
        const opened = await open(item, path === '' ? key : `${path}.${key}`);
        if (opened !== DROPPED) entries.push([key, opened]);
      }
      return Object.fromEntries(entries);
    }
    return value;
  };

  const value = await open(config, '');
  return { value: value === DROPPED ? null : value, secrets, dropped };
}
