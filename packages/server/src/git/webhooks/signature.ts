import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Verdict } from './types.ts';

/** Generic deliveries whose time lies further away are refused, in seconds. */
export const WINDOW_SECONDS = 300;

/** `given` is hex, with or without `sha256=`, of the body's HMAC-SHA256. Takes as long for a wrong one as for a right one. */
export function verifyHmac(given: string | null, body: Buffer | string, secret: string): Verdict {
  if (given === null) return 'missing';
  const expected = createHmac('sha256', secret).update(body).digest('hex');
  return isSame(given.replace(/^sha256=/, '').toLowerCase(), expected) ? 'ok' : 'wrong';
}

/** A secret that is sent as it is. */
export function verifyToken(given: string | null, secret: string): Verdict {
  if (given === null) return 'missing';
  return isSame(given, secret) ? 'ok' : 'wrong';
}

/** `t=<seconds since 1970>,v1=<hex>`: the HMAC-SHA256 of `<t>.<body>`. */
export function verifyTimed(
  given: string | null,
  body: Buffer,
  secret: string,
  nowSeconds: number,
): Verdict {
  if (given === null) return 'missing';
  const [, seconds, hex] = /^t=(\d{1,12}),v1=([0-9a-fA-F]{64})$/.exec(given) ?? [];
  if (seconds === undefined || hex === undefined) return 'wrong';
  const signed = Buffer.concat([Buffer.from(`${seconds}.`), body]);
  const verdict = verifyHmac(hex, signed, secret);
  if (verdict !== 'ok') return verdict;
  return Math.abs(Number(seconds) - nowSeconds) <= WINDOW_SECONDS ? 'ok' : 'stale';
}

/** As `verifyTimed` wants it. */
export function signTimed(body: Buffer | string, secret: string, seconds: number): string {
  const hmac = createHmac('sha256', secret).update(`${seconds}.`).update(body);
  return `t=${seconds},v1=${hmac.digest('hex')}`;
}

/** Digests have one length, whatever was given: neither content nor length can be told from the time it takes. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
