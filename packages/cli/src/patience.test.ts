import { ApiError, UnreachableError } from '@sluice/contract';
import { expect, test } from 'vitest';
import { patiently } from './patience.ts';

const away = new UnreachableError('http://127.0.0.1:1', new Error('refused'));
const starting = new ApiError(503, 'It is still starting.', {}, null);

test('a server that is away or only starting is asked again', async () => {
  const answers: (Error | string)[] = [away, starting, 'accepted'];
  const told: string[] = [];
  const outcome = await patiently(
    async () => {
      const next = answers.shift() ?? 'none';
      if (next instanceof Error) throw next;
      return next;
    },
    (error) => told.push(error.message),
  );
  expect(outcome).toBe('accepted');
  expect(told).toEqual([away.message, starting.message]);
});

test('a refusal is final', async () => {
  let calls = 0;
  const refused = new ApiError(404, 'Not found.', {}, null);
  const call = async () => {
    calls += 1;
    throw refused;
  };
  await expect(patiently(call, () => undefined)).rejects.toBe(refused);
  expect(calls).toBe(1);
});
