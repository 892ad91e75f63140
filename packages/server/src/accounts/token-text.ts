import { createHash, randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LENGTH = 40;
const SHAPE = /^sl[cijs]_[0-9A-Za-z]{40}$/;

/** `slc_` an access token, `slj_` a job's, `sls_` a setup link's, `sli_` an invitation's. The prefix lets scanners find leaked ones. */
export type TokenPrefix = 'slc_' | 'sli_' | 'slj_' | 'sls_';

/** 40 characters of 62: 238 bits. */
export function newToken(prefix: TokenPrefix): string {
  let text = '';
  while (text.length < LENGTH) {
    for (const byte of randomBytes(64)) {
      // 248 = 4 x 62: bytes above it would make the first letters likelier.
      if (byte < 248 && text.length < LENGTH) text += ALPHABET[byte % 62];
    }
  }
  return prefix + text;
}

export const looksLikeToken = (text: string): boolean => SHAPE.test(text);

/** A plain hash is enough: nobody guesses 238 bits, and it can be looked up by index. */
export const hashToken = (token: string): string =>
  createHash('sha256').update(token, 'utf8').digest('hex');
