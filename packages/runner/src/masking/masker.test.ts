import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formsOf } from './forms.ts';
import { createMasker } from './masker.ts';
import { shellUnquote } from './shell-unquote.ts';

const whole = (secrets: string[], text: string) => createMasker(secrets).mask(text);

function streamed(
  secrets: string[],
  data: Buffer,
  cuts: number[],
  flushAfter: boolean[] = [],
): string {
  const masker = createMasker(secrets);
  const places = [...new Set(cuts.map((cut) => cut % (data.length + 1)))].sort((a, b) => a - b);
  const output: Buffer[] = [];
  let from = 0;
  for (const [index, place] of [...places, data.length].entries()) {
    output.push(masker.push(data.subarray(from, place)));
    if (flushAfter[index]) output.push(masker.flush());
    from = place;
  }
  output.push(masker.end());
  return Buffer.concat(output).toString('latin1');
}

describe('createMasker', () => {
  it('masks a secret, and nothing of three characters or less', () => {
    expect(whole(['hunter2', 'abc'], 'the hunter2 said abc')).toBe('the [secure] said abc');
  });

  it('prefers the longest of several secrets', () => {
    expect(whole(['token', 'token-two'], 'token-two token')).toBe('[secure] [secure]');
  });

  it('knows the form without shell quotes', () => {
    expect(whole(['"a b$c d"'], 'got a b$c d')).toBe('got [secure]');
    expect(shellUnquote(`a\\ b'c d'"e\\"f"`)).toBe('a bc de"f');
  });

  it('masks each line of a multi-line secret, with any line end', () => {
    expect(whole(['first line\nsecond line'], 'x first line\r\n  second line y')).toBe(
      'x [secure]\r\n  [secure] y',
    );
  });

  const secret = 'S3cr&t/"väl ue+1';
  it.each([
    ['base64', Buffer.from(secret).toString('base64')],
    ['base64 as echo pipes it', Buffer.from(`${secret}\n`).toString('base64')],
    ['base64url', Buffer.from(secret).toString('base64url')],
    ['hex', Buffer.from(secret).toString('hex')],
    ['upper-case hex', Buffer.from(secret).toString('hex').toUpperCase()],
    ['percent-encoded', encodeURIComponent(secret)],
    ['form-encoded', encodeURIComponent(secret).replaceAll('%20', '+')],
    ['JSON', JSON.stringify(secret)],
    ['JSON in ASCII', JSON.stringify(secret).replaceAll('ä', '\\u00e4')],
  ])('masks it as %s', (_name, encoded) => {
    const masked = whole([secret], `<<${encoded}>>`);
    expect(masked).toContain('[secure]');
    expect(masked.length).toBeLessThan(20);
  });

  it('masks the base64 of a longer text that holds it, at every alignment', () => {
    for (const prefix of ['', 'u', 'us', 'use', 'x-job:']) {
      const encoded = Buffer.from(`${prefix}${secret}!`).toString('base64');
      expect(whole([secret], encoded)).toContain('[secure]');
    }
  });

  it('masks base64 that was wrapped into lines', () => {
    const long = 'k'.repeat(30) + secret.repeat(8);
    const encoded = Buffer.from(long).toString('base64').replaceAll(/.{76}/g, '$&\n');
    for (const line of whole([long], encoded).split('\n')) expect(line).toBe('[secure]');
  });

  it('shows at most three bytes of a secret when the stream pauses inside it', () => {
    const masker = createMasker(['hunter2secret']);
    expect(masker.push('x hun').toString()).toBe('x ');
    expect(masker.flush().toString()).toBe('hun');
    expect(masker.push('ter2').toString()).toBe('');
    expect(masker.flush().toString()).toBe('');
    expect(masker.push('secret y').toString()).toBe('[secure] y');
  });

  it('gives back what turned out not to be a secret after a flush, once', () => {
    const masker = createMasker(['hunter2secret']);
    expect(masker.push('hun').toString()).toBe('');
    expect(masker.flush().toString()).toBe('hun');
    expect(masker.push('k').toString()).toBe('k');
    expect(masker.end().toString()).toBe('');
  });

  it('hides a secret that the end of the stream cuts off', () => {
    const masker = createMasker(['0123456789abcdef']);
    masker.push('key 0123456789');
    expect(masker.end().toString()).toBe('[secure]');
  });

  const alphabet = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', 'é'), maxLength: 12 });

  it('gives the same result wherever the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(alphabet, { maxLength: 4 }),
        fc.array(fc.oneof(alphabet, fc.nat(3)), { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (secrets, parts, cuts) => {
          const text = parts.map((p) => (typeof p === 'number' ? (secrets[p] ?? '') : p)).join('');
          const data = Buffer.from(text);
          expect(streamed(secrets, data, cuts)).toBe(streamed(secrets, data, []));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('never shows a whole secret, whatever the cuts and pauses', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8, maxLength: 20 }).filter((s) => s.trim().length >= 8),
        fc.uint8Array({ maxLength: 40 }),
        fc.uint8Array({ maxLength: 40 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        fc.array(fc.boolean(), { maxLength: 30 }),
        (hidden, before, after, cuts, pauses) => {
          const data = Buffer.concat([before, Buffer.from(hidden), after]);
          const needle = Buffer.from(hidden).toString('latin1');
          expect(streamed([hidden], data, cuts, pauses)).not.toContain(needle);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('leaves every byte of a stream without secrets alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat()), (bytes, cuts) => {
        const data = Buffer.from(bytes);
        expect(streamed(['not in there, surely'], data, cuts)).toBe(data.toString('latin1'));
      }),
    );
  });

  it('sorts forms longest first', () => {
    const lengths = formsOf(['some secret value', 'other']).map((form) => form.length);
    expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
  });
});
