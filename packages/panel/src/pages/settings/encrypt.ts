/** A public key, read from its PEM form. */
export interface PublicKey {
  readonly modulus: bigint;
  readonly exponent: bigint;
  readonly bytes: number;
}

/** Bytes that PKCS#1 v1.5 needs for itself. */
const PADDING_BYTES = 11;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const SEQUENCE = 0x30;

/** The longest value, in bytes of UTF-8, that the key can encrypt. */
export const longestFor = ({ bytes }: PublicKey): number => bytes - PADDING_BYTES;

/**
 * Encrypts as `secure:` values are (spec/travis.md 14.1). WebCrypto has no PKCS#1 v1.5 and is not there at all on a page
 * without TLS, so it is done by hand: encrypting needs no secret but the random padding. Throws `RangeError` when the
 * value is longer than the key holds.
 */
export function encrypt(key: PublicKey, plain: string): string {
  const message = new TextEncoder().encode(plain);
  if (message.length > longestFor(key)) throw new RangeError('longer than the key holds');
  const block = new Uint8Array(key.bytes);
  block[1] = 2;
  const end = key.bytes - message.length - 1;
  block.set(randomNonZero(end - 2), 2);
  block.set(message, end + 1);
  const encrypted = power(toBigInt(block), key.exponent, key.modulus);
  return btoa(String.fromCharCode(...toBytes(encrypted, key.bytes)));
}

/** Reads `BEGIN PUBLIC KEY` and `BEGIN RSA PUBLIC KEY`. Throws `SyntaxError` for anything else. */
export function readPublicKey(pem: string): PublicKey {
  const base64 = pem.replace(/-----[^-]+-----/g, '').replace(/\s+/g, '');
  const der = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  let parts = children(der, SEQUENCE);
  if (parts[0]?.tag === SEQUENCE && parts[1]?.tag === BIT_STRING) {
    // The key proper stands in a bit string, behind the number of its unused bits.
    parts = children(parts[1].content.subarray(1), SEQUENCE);
  }
  const [modulus, exponent] = parts;
  if (modulus?.tag !== INTEGER || exponent?.tag !== INTEGER) throw new SyntaxError('no RSA key');
  const value = toBigInt(modulus.content);
  return {
    modulus: value,
    exponent: toBigInt(exponent.content),
    bytes: Math.ceil(value.toString(2).length / 8),
  };
}

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** The elements inside the one that `der` is. */
function children(der: Uint8Array, tag: number): Element[] {
  const [outer] = elements(der);
  if (outer?.tag !== tag) throw new SyntaxError('not the expected structure');
  return elements(outer.content);
}

function elements(der: Uint8Array): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < der.length; ) {
    const tag = der[at] ?? 0;
    let length = der[at + 1] ?? 0;
    let start = at + 2;
    if (length >= 0x80) {
      const digits = length - 0x80;
      length = Number(toBigInt(der.subarray(start, start + digits)));
      start += digits;
    }
    if (start + length > der.length) throw new SyntaxError('cut short');
    found.push({ tag, content: der.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

function randomNonZero(length: number): Uint8Array {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  for (let at = 0; at < length; at += 1) {
    while (bytes[at] === 0) crypto.getRandomValues(bytes.subarray(at, at + 1));
  }
  return bytes;
}

const toBigInt = (bytes: Uint8Array): bigint =>
  BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') || '0'}`);

function toBytes(value: bigint, length: number): Uint8Array {
  const digits = value.toString(16).padStart(length * 2, '0');
  return Uint8Array.from({ length }, (_, at) =>
    Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16),
  );
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
