import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogStream } from './log-stream.ts';

/** The server's side: keeps what is new by offset, and may take only a part or answer late. */
function store(takes: number[] = []) {
  let stored = Buffer.alloc(0);
  let requests = 0;
  return {
    get text() {
      return stored.toString('latin1');
    },
    get requests() {
      return requests;
    },
    async send(offset: number, bytes: Buffer): Promise<number> {
      const most = takes[requests++ % Math.max(1, takes.length)] ?? bytes.length;
      if (offset > stored.length) throw new Error('gap');
      await new Promise((resolve) => setImmediate(resolve));
      stored = Buffer.concat([stored, bytes.subarray(stored.length - offset, Math.max(1, most))]);
      return stored.length;
    },
  };
}

describe('createLogStream', () => {
  it('stores every byte once and in order, however the server cuts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 300 }), { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 5 }),
        async (texts, takes) => {
          const server = store(takes);
          const stream = createLogStream({
            send: server.send,
            batchMs: 0,
            bufferBytes: 100,
            largestBytes: 64,
          });
          for (const text of texts) await stream.append(Buffer.from(text));
          await stream.drain();
          expect(server.text).toBe(Buffer.from(texts.join('')).toString('latin1'));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('collects small pieces into few requests', async () => {
    const server = store();
    const stream = createLogStream({ send: server.send, batchMs: 20 });
    for (let i = 0; i < 1000; i++) await stream.append(Buffer.from('line\n'));
    await stream.drain();
    expect(server.text).toHaveLength(5000);
    expect(server.requests).toBeLessThan(5);
  });

  it('makes the writer wait when the server is slow', async () => {
    const free = Promise.withResolvers<void>();
    const server = store();
    const stream = createLogStream({
      batchMs: 0,
      bufferBytes: 1000,
      send: async (offset, bytes) => {
        await free.promise;
        return server.send(offset, bytes);
      },
    });
    let went = 0;
    const writing = (async () => {
      for (let i = 0; i < 100; i++) {
        await stream.append(Buffer.alloc(100, 'x'));
        went++;
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(went).toBeLessThan(12);
    free.resolve();
    await writing;
    await stream.drain();
    expect(server.text).toHaveLength(10_000);
  });

  it('tells the writer when the log cannot be sent', async () => {
    const stream = createLogStream({
      batchMs: 0,
      bufferBytes: 10,
      send: () => Promise.reject(new Error('lost')),
    });
    await expect(stream.append(Buffer.alloc(100))).rejects.toThrow('lost');
    await expect(stream.drain()).rejects.toThrow('lost');
  });
});
