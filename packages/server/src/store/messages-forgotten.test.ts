import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Store } from './index.ts';
import { openStore } from './test/open-store.ts';

let dataDir: string;
let store: Store;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-messages-'));
  store = await openStore({ dataDir });
});
afterEach(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

const NOON = '2026-01-10T12:00:00.000Z';

async function messages(count: number, consumed_at: string | null): Promise<void> {
  for (let from = 0; from < count; from += 500) {
    const rows = Array.from({ length: Math.min(500, count - from) }, () => ({
      ...{ topic: 'push', consumer: 'ci', payload: '{}', created_at: NOON },
      ...{ last_error: null, consumed_at },
    }));
    await store.db.insertInto('messages').values(rows).execute();
  }
}

test('what was heard long ago is let go of, however much it is; what waits stays, however old', async () => {
  await messages(2_300, '2026-01-01T12:00:00.000Z');
  await messages(3, '2026-01-10T12:00:01.000Z');
  await messages(4, null);
  expect(await store.messages.forget(NOON)).toBe(2_300);
  expect(await store.messages.forget(NOON)).toBe(0);
  const left = await store.db.selectFrom('messages').select('consumed_at').execute();
  expect(left).toHaveLength(7);
  expect(await store.messages.waiting('ci')).toBe(4);
});
