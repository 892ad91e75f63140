import { describe, expect, test } from 'vitest';
import { basicPair, tokenCandidates } from './authentication.ts';

const TOKEN = `slc_${'a'.repeat(40)}`;
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('the token in an Authorization header', () => {
  test.each([
    ['Token', `Token ${TOKEN}`],
    ['Bearer', `Bearer ${TOKEN}`],
    ['Basic, raw', `Basic ${TOKEN}`],
    ['a scheme in any case', `bAsIc ${TOKEN}`],
    ['more than one space', `Token   ${TOKEN}  `],
  ])('is tried first as it stands: %s', (_name, header) => {
    expect(tokenCandidates(header)[0]).toBe(TOKEN);
  });

  test.each([
    ['anything:X', `Basic ${base64(`x:${TOKEN}`)}`],
    ['X:', `Basic ${base64(`${TOKEN}:`)}`],
    ['X', `Basic ${base64(TOKEN)}`],
  ])('is found behind base64: %s', (_name, header) => {
    expect(tokenCandidates(header)).toContain(TOKEN);
  });

  test.each([undefined, '', 'Token', 'Basic ', TOKEN, `Digest ${TOKEN}`, 'Token \n'])(
    'is nothing in %j',
    (header) => {
      expect(tokenCandidates(header)).toEqual([]);
    },
  );

  test('is not taken out of base64 for Bearer', () => {
    expect(tokenCandidates(`Bearer ${base64(`x:${TOKEN}`)}`)).toHaveLength(1);
  });

  test('a password keeps its colons', () => {
    expect(basicPair(`Basic ${base64('me@example.com:a:b:c')}`)).toEqual({
      user: 'me@example.com',
      password: 'a:b:c',
    });
    expect(basicPair(`Token ${base64('a:b')}`)).toBeNull();
  });
});
