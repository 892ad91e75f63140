import { createHash } from 'node:crypto';

/**
 * A whole number for what Sluice knows by a uuid: users and organisations. Travis clients want one, remember it and
 * show it; nothing is ever looked up by it but the reader's own account. 48 bits, so that it is exact everywhere.
 */
export function numberOf(uuid: string): number {
  return createHash('sha256').update(uuid).digest().readUIntBE(0, 6) || 1;
}
