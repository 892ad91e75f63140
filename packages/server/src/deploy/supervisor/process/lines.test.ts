import { expect, test } from 'vitest';
import { createLineSplitter } from './lines.ts';

const TEXT = 'first\r\nzweite Zeile: ä€😀\n\nlast without end';
const LINES = ['first', 'zweite Zeile: ä€😀', '', 'last without end'];

test('wherever the stream is cut, the lines are the same', () => {
  const bytes = Buffer.from(TEXT);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const splitter = createLineSplitter();
    const lines = [
      ...splitter.push(bytes.subarray(0, cut)),
      ...splitter.push(bytes.subarray(cut)),
      ...splitter.flush(),
    ];
    expect(lines, `cut at ${cut}`).toEqual(LINES);
  }
});

test('a line of ten megabytes comes in pieces and is never held as a whole', () => {
  const splitter = createLineSplitter();
  let length = 0;
  for (let i = 0; i < 160; i += 1) {
    for (const line of splitter.push(Buffer.alloc(65_536, 'x'))) {
      expect(line.length).toBeLessThanOrEqual(16_384);
      length += line.length;
    }
  }
  for (const line of splitter.flush()) length += line.length;
  expect(length).toBe(160 * 65_536);
});
