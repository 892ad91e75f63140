const HEADER = 8;

/** A piece of a program's output, as the engine carries it where there is no terminal. */
export interface Frame {
  readonly source: 'stdout' | 'stderr';
  readonly bytes: Buffer;
}

/** Takes the engine's multiplexed stream apart: 8 bytes (1: source, 5 to 8: length, big endian), then the piece. */
export async function* frames(stream: NodeJS.ReadableStream): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER) {
      const end = HEADER + rest.readUInt32BE(4);
      if (rest.length < end) break;
      const bytes = rest.subarray(HEADER, end);
      yield { source: rest[0] === 2 ? 'stderr' : 'stdout', bytes };
      rest = rest.subarray(end);
    }
  }
}
