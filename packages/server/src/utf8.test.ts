import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wholeCharacters } from './utf8.ts';

describe('wholeCharacters', () => {
  it('leaves a character whose bytes are still to come', () => {
    const bytes = Buffer.from('a€');
    expect(wholeCharacters(bytes.subarray(0, 3), false)).toEqual({ text: 'a', length: 1 });
    expect(wholeCharacters(bytes, false)).toEqual({ text: 'a€', length: 4 });
  });

  it('shows what can never become a character, and goes on', () => {
    expect(wholeCharacters(Buffer.from([0xff, 0x80, 0x80, 0x80]), false).length).toBe(4);
    expect(wholeCharacters(Buffer.from([0xe2, 0x82]), true).text).toBe('\ufffd');
  });

  it('gives the same text in whatever pieces the bytes come', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat(5)), (text, cuts) => {
        const bytes = Buffer.from(text.toWellFormed());
        let read = '';
        let offset = 0;
        let end = 0;
        for (const cut of [...cuts, bytes.length]) {
          end = Math.min(bytes.length, end + cut);
          const part = wholeCharacters(bytes.subarray(offset, end), end === bytes.length);
          read += part.text;
          offset += part.length;
        }
        expect(read).toBe(text.toWellFormed());
      }),
    );
  });
});
