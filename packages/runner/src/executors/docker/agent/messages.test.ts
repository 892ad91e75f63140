import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { readMessages, sendMessage, type ToAgent } from './messages.ts';

it('carries a text with the lines and paragraphs of Unicode as one message', async () => {
  const wire = new PassThrough();
  const messages: ToAgent[] = [];
  readMessages<ToAgent>(wire, (message) => messages.push(message));
  const start: ToAgent = { kind: 'start', script: 'a\u2028b\u2029c\nd\re\u0085f' };
  sendMessage(wire, start);
  sendMessage(wire, { kind: 'ping' });
  wire.end();
  await once(wire, 'end');
  await expect.poll(() => messages).toEqual([start, { kind: 'ping' }]);
});
