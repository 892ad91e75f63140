import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainLog } from './plain-log.ts';

const fold = 'travis_fold:start:install\r\u001b[0K';
const time = 'travis_time:end:0a1b:start=1,finish=2,duration=1,event=install\r\u001b[0K';
const log = `one\n${fold}two travis_ three\n${time}travis_fold:end:install\r\u001b[0Kfour\n`;
const plain = 'one\ntwo travis_ three\nfour\n';

it('takes the marks out, wherever the text is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(log.length), { maxLength: 12 }), (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), log.length];
      const clean = plainLog();
      const pieces = places
        .slice(1)
        .map((end, index) => clean.push(log.slice(places[index] ?? 0, end)));
      expect(pieces.join('') + clean.end()).toBe(plain);
    }),
  );
});

it('gives back a text that only looks like a mark', () => {
  const clean = plainLog();
  expect(clean.push('travis_fold') + clean.push('ed\n') + clean.end()).toBe('travis_folded\n');
});
