import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inject } from './injected.ts';
import { KINDS } from './kinds/index.ts';
import { readPrefix } from './records.ts';

const prefixes = fc.stringMatching(/^[A-Z](?:_?[A-Z0-9]){0,10}$/);
const services = fc.uniqueArray(
  fc.record({ kind: fc.constantFrom(...KINDS.map(({ name }) => name)), prefix: prefixes }),
  { selector: ({ kind, prefix }) => `${kind} ${prefix}`, maxLength: 20 },
);
const credentials = { user: 'u', password: 'p', database: 'd' };

/** Planted to see it fail: a storage path of the prefix alone, for which DEFAULT and MEDIA are the same. */
test('services of one environment share no variable, no host name and no path', () => {
  fc.assert(
    fc.property(services, (chosen) => {
      const each = chosen.map(({ kind, prefix }) =>
        inject([{ instance: { uuid: `${kind}-${prefix}`, kind, prefix }, credentials }]),
      );
      const names = each.flatMap(({ variables }) => Object.keys(variables));
      expect(new Set(names).size).toBe(names.length);
      const places = each.map(({ variables }) => {
        const [url = ''] = Object.values(variables);
        return new URL(url).host + new URL(url).pathname;
      });
      expect(new Set(places).size).toBe(places.length);
      const paths = each.flatMap(({ mounts }) => mounts.map(({ path }) => path));
      expect(new Set(paths).size).toBe(paths.length);
    }),
  );
});

test('a prefix is upper-case letters, digits and single underscores', () => {
  fc.assert(
    fc.property(prefixes, (prefix) => {
      expect(readPrefix(` ${prefix.toLowerCase()} `)).toBe(prefix);
    }),
  );
  expect(readPrefix('')).toBe('DEFAULT');
  for (const wrong of ['9A', 'A-B', '_A', 'A_', 'A__B', 'Ä', 'A'.repeat(41)]) {
    expect(() => readPrefix(wrong)).toThrow('is no prefix');
  }
});
