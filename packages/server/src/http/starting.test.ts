import Fastify from 'fastify';
import { expect, test } from 'vitest';
import type { InternalRequests } from './guard.ts';
import { holdUntil } from './starting.ts';

test('requests that come while the rooms start are answered when they have', async () => {
  const started = Promise.withResolvers<void>();
  const internalRequests: InternalRequests = new WeakSet();
  const app = Fastify();
  holdUntil(app, started.promise, internalRequests);
  let ready = false;
  app.get('/healthz', () => ({ ready }));
  app.get('/deployment', () => ({ ready }));

  const early = app.inject('/deployment');
  expect((await app.inject('/healthz')).json()).toEqual({ ready: false });
  ready = true;
  started.resolve();
  expect((await early).json()).toEqual({ ready: true });
  await app.close();
});
