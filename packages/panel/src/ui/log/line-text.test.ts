import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contrast, parseRgb, readable } from './colours.ts';
import { lineText, markRanges, occurrences } from './line-text.ts';

describe('a line as a terminal would show it', () => {
  test.each([
    ['travis_fold:start:a\r\u001b[0Ktravis_time:start:0a\r\u001b[0K$ npm ci', '$ npm ci'],
    ['10%\r50%\r100%', '100%'],
    ['10%\r50%\r', '50%'],
    ['gone\r\u001b[Kthere', 'there'],
    ['windows\r', 'windows'],
    ['\u001b]0;a title\u0007text\u001b[2J\u001b[?25l!', 'text!'],
    ['a\tb', 'a        b'],
    ['cut off \u001b[3', 'cut off '],
    ['bell\u0007 and \u0000 nothing', 'bell and  nothing'],
    ['', ''],
  ])('%j shows %j', (raw, plain) => {
    expect(lineText(raw).plain).toBe(plain);
  });

  test('has its colours, and those switched on before a carriage return', () => {
    const [red, plain] = lineText('\u001b[31;1mred\u001b[0m plain').segments;
    expect(red).toMatchObject({ text: 'red', style: { fontWeight: 700 } });
    expect(plain).toEqual({ text: ' plain', style: null });
    expect(lineText('\u001b[32mold\rnew').segments).toEqual([
      { text: 'new', style: lineText('\u001b[32mnew').segments[0]?.style },
    ]);
  });

  test('segments are what is seen, whatever is printed', () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom(
        '\u001b[31m',
        '\u001b[0m',
        '\u001b[38;5;200m',
        '\u001b[48;2;1;2;3m',
        '\u001b[',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const { plain, segments } = lineText(pieces.join('').replaceAll('\n', ''));
        expect(segments.map(({ text }) => text).join('')).toBe(plain);
        expect(plain.includes('\u001b')).toBe(false);
      }),
    );
  });
});

test('every colour can be read on its ground', () => {
  const channel = fc.integer({ min: 0, max: 255 });
  const rgb = fc.tuple(channel, channel, channel);
  fc.assert(
    fc.property(rgb, fc.option(rgb, { nil: undefined }), (ink, ground) => {
      const shown = parseRgb(readable(ink, ground).slice(4, -1).replaceAll(' ', ', '));
      expect(shown).not.toBeNull();
      if (shown !== null) {
        expect(contrast(shown, ground ?? [0x11, 0x18, 0x1f])).toBeGreaterThanOrEqual(4.5);
      }
    }),
  );
});

test('what was found is marked across colours', () => {
  const { plain, segments } = lineText('a fo\u001b[31mo and\u001b[0m FOO');
  const ranges = occurrences(plain, 'foo');
  expect(ranges).toEqual([
    [2, 5],
    [10, 13],
  ]);
  const pieces = markRanges(segments, ranges);
  expect(pieces.map(({ text, marked }) => [text, marked])).toEqual([
    ['a ', false],
    ['fo', true],
    ['o', true],
    [' and', false],
    [' ', false],
    ['FOO', true],
  ]);
});
