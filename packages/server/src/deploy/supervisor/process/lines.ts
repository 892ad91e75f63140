import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut into pieces, so that a line without an end cannot fill the memory. */
const LONGEST_LINE = 16_384;

export interface LineSplitter {
  push(chunk: Buffer): string[];
  /** What is left when the stream ends. */
  flush(): string[];
}

/** Cuts a stream of bytes into lines. Invalid UTF-8 becomes U+FFFD; a carriage return before the end is dropped. */
export function createLineSplitter(): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';

  const split = (text: string): string[] => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    const lines = parts.flatMap((line) => pieces(line.endsWith('\r') ? line.slice(0, -1) : line));
    while (rest.length > LONGEST_LINE) {
      lines.push(rest.slice(0, LONGEST_LINE));
      rest = rest.slice(LONGEST_LINE);
    }
    return lines;
  };

  return {
    push: (chunk) => split(decoder.write(chunk)),
    flush: () => {
      const lines = split(decoder.end());
      if (rest !== '') lines.push(rest);
      rest = '';
      return lines;
    },
  };
}

function pieces(line: string): string[] {
  if (line.length <= LONGEST_LINE) return [line];
  const cut: string[] = [];
  for (let at = 0; at < line.length; at += LONGEST_LINE) {
    cut.push(line.slice(at, at + LONGEST_LINE));
  }
  return cut;
}
