import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jobOutput } from './output.ts';

const log = 'travis_fold:start:a\r\u001b[0Kgrün\nzwei 🚰\ntravis_fold:end:a\r\u001b[0Kopen';

/** What is written of the log, cut at any bytes. */
function written(cuts: readonly number[], style: { raw: boolean; label: string | null }): string {
  const bytes = Buffer.from(log);
  const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  let text = '';
  const output = jobOutput((more) => {
    text += more;
  }, style);
  for (const [index, end] of places.slice(1).entries()) {
    output.push(bytes.subarray(places[index], end));
  }
  output.end();
  return text;
}

test.each([
  [{ raw: false, label: null }, 'grün\nzwei 🚰\nopen'],
  [{ raw: true, label: null }, log],
  [{ raw: false, label: '1.1 | ' }, '1.1 | grün\n1.1 | zwei 🚰\n1.1 | open\n'],
])('%j', (style, expected) => {
  const places = fc.array(fc.nat(Buffer.byteLength(log)), { maxLength: 8 });
  fc.assert(
    fc.property(places, (cuts) => {
      expect(written(cuts, style)).toBe(expected);
    }),
  );
});
