/**
 * Decodes as much of `bytes` as ends on a character's border. A character whose last bytes are still to come is
 * left for the next read, unless nothing will come any more (`last`). What can never become UTF-8 turns into U+FFFD,
 * so there is always progress. `length` is in bytes.
 */
export function wholeCharacters(
  bytes: Uint8Array,
  last: boolean,
): { readonly text: string; readonly length: number } {
  const length = last ? bytes.length : bytes.length - unfinishedBytes(bytes);
  return {
    text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, length)),
    length,
  };
}

/** How many bytes at the end begin a character that is not complete: 0 to 3. */
function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    return characterLength(byte) > back ? back : 0;
  }
  return 0;
}

function characterLength(leadByte: number): number {
  if (leadByte >= 0xf0 && leadByte <= 0xf4) return 4;
  if (leadByte >= 0xe0 && leadByte <= 0xef) return 3;
  if (leadByte >= 0xc2 && leadByte <= 0xdf) return 2;
  return 1;
}
