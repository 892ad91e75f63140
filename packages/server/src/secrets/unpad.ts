/** PKCS#1 v1.5 wants at least this many random bytes between the header and the message. */
const SHORTEST_PADDING = 8;
const HEADER_BYTES = 2;

/**
 * Takes the message out of a decrypted RSA block: `00 02`, at least 8 non-zero bytes, `00`, message
 * (spec/travis.md 14.1). Null for everything else, without saying which check failed.
 *
 * Node's own unpadding is of no use here: Node 20 refuses it, Node 24 answers random bytes for a damaged
 * block. The scan reads every byte whatever it finds, so that its time says little about the block.
 */
export function unpad(block: Uint8Array): Uint8Array | null {
  let separator = 0;
  let found = 0;
  for (let index = HEADER_BYTES; index < block.length; index += 1) {
    const isZero = block[index] === 0 ? 1 : 0;
    separator += (1 - found) * isZero * index;
    found |= isZero;
  }
  const header = (block[0] ?? 1) | ((block[1] ?? 0) ^ 2);
  const longEnough = separator >= HEADER_BYTES + SHORTEST_PADDING;
  return header === 0 && found === 1 && longEnough ? block.subarray(separator + 1) : null;
}
