/** How far something is, written down now and then. */
export interface Meter {
  note(bytes: number): void;
  /** The same bytes, counted. */
  through(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer>;
  /** Resolves when nothing is being written any more. */
  stop(): Promise<void>;
}

const EVERY_MS = 500;

export function createMeter(write: (bytes: number) => Promise<unknown>): Meter {
  let latest = 0;
  let written = 0;
  let writing: Promise<unknown> = Promise.resolve();
  let isWriting = false;
  const timer = setInterval(() => {
    if (isWriting || latest === written) return;
    written = latest;
    isWriting = true;
    // Only shown to people: the end is written down in any case.
    writing = write(latest)
      .catch(() => undefined)
      .finally(() => {
        isWriting = false;
      });
  }, EVERY_MS);
  const note = (bytes: number) => {
    latest = bytes;
  };
  return {
    note,
    async *through(source) {
      let bytes = 0;
      for await (const chunk of source) {
        bytes += chunk.length;
        note(bytes);
        yield chunk;
      }
    },
    stop: async () => {
      clearInterval(timer);
      await writing;
    },
  };
}
