import type { Duplex } from 'node:stream';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createMux } from './mux.ts';

function pair() {
  const there = new PassThrough();
  const back = new PassThrough();
  const opened: { label: string; channel: Duplex }[] = [];
  const near = createMux(back, there, 0, () => undefined);
  const far = createMux(there, back, 1, (label, channel) => opened.push({ label, channel }));
  return { there, near, far, opened };
}

const turns = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('createMux', () => {
  it('carries large data both ways at once, in order, and half-closes', async () => {
    const { near, opened } = pair();
    const channel = near.open('one');
    await turns();
    const far = opened[0]?.channel as Duplex;
    const data = Buffer.alloc(3_000_000, 'abcdefghij');
    channel.end(data);
    const arrived = buffer(far);
    const returned = buffer(channel);
    expect((await arrived).equals(data)).toBe(true);
    far.end('done');
    expect((await returned).toString()).toBe('done');
  });

  it('does not let a channel that nobody reads hold up another', async () => {
    const { near, opened } = pair();
    const stuck = near.open('stuck');
    const free = near.open('free');
    stuck.write(Buffer.alloc(5_000_000));
    free.end('through');
    await turns();
    const far = opened.find(({ label }) => label === 'free')?.channel as Duplex;
    expect((await buffer(far)).toString()).toBe('through');
  });

  it('ends everything at a frame that makes no sense', async () => {
    const { there, far, opened, near } = pair();
    near.open('one');
    await turns();
    there.write(Buffer.alloc(64, 0xff));
    await far.closed;
    expect(opened[0]?.channel.destroyed).toBe(true);
  });
});
