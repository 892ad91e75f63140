import fc from 'fast-check';

const name = fc.constantFrom('install', 'install.1', 'git.checkout', 'a b');
const id = fc.constantFrom('0a1b', '00ff', 'zz');
const mark = fc.oneof(
  name.map((text) => `travis_fold:start:${text}\r\u001b[0K`),
  name.map((text) => `travis_fold:end:${text}\r\u001b[0K`),
  id.map((text) => `travis_time:start:${text}\r\u001b[0K`),
  fc
    .tuple(id, fc.nat(9_999_999_999))
    .map(
      ([text, ns]) =>
        `travis_time:end:${text}:start=1,finish=2,duration=${ns},event=install\r\u001b[0K`,
    ),
  fc.constantFrom('travis_', 'travis_fold:', 'travis_time:end:zz', '===== build =====\n'),
);
const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom('$ npm ci', 'é€😀', '\u001b[31;1mred\u001b[0m', '10%\r20%\r', 'needle', 'NEEDLE'),
);
const newline = fc.constantFrom('\n', '\n', '\n\n', '\r\n');

/** Logs as bytes: lines of all lengths, marks anywhere, characters of several bytes, also what is no UTF-8. */
export const arbitraryLog: fc.Arbitrary<Buffer> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: text.map((part) => Buffer.from(part)) },
      { weight: 4, arbitrary: newline.map((part) => Buffer.from(part)) },
      { weight: 3, arbitrary: mark.map((part) => Buffer.from(part)) },
      { weight: 1, arbitrary: fc.nat(300).map((length) => Buffer.alloc(length, 'x')) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4 }).map((part) => Buffer.from(part)) },
    ),
    { maxLength: 120 },
  )
  .map((parts) => Buffer.concat(parts));

/** Sizes of the pieces that a log arrives in. */
export const arbitraryCuts = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 60 });

/** The log cut up: pieces of the given sizes, the rest as the last one. */
export function cut(log: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at >= log.length) break;
    pieces.push(log.subarray(at, at + size));
    at += size;
  }
  if (at < log.length) pieces.push(log.subarray(at));
  return pieces;
}

/** The lines of a log without any cleverness: what stands between newlines, the last one if there is anything in it. */
export function naiveLines(log: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let at = 0; at < log.length; at += 1) {
    if (log[at] !== 10) continue;
    lines.push(log.subarray(start, at));
    start = at + 1;
  }
  if (start < log.length) lines.push(log.subarray(start));
  return lines;
}
