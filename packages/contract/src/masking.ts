/** Secrets of fewer characters are not masked in logs: they would blot out ordinary text (spec/travis.md 14.4). */
export const SHORTEST_MASKED = 4;

/**
 * Whether a secret, or that of `NAME=value` with the quotes of a shell, is too short to be masked; whoever sets one is
 * told (spec/faults.md 28). Without a value there is nothing to mask.
 */
export function isTooShortToMask(secret: string): boolean {
  const value = secret.replace(/^\w+=/, '').replace(/^(['"])(.*)\1$/s, '$2');
  return value !== '' && value.length < SHORTEST_MASKED;
}
