import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { down } from './down.ts';
import { type Kit, openKit } from './test/kit.ts';

let dataDir: string;
let kit: Kit;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-ld-'));
  kit = await openKit(dataDir);
});

afterEach(async () => {
  await kit.close();
  await down(dataDir);
  rmSync(dataDir, { recursive: true, force: true });
});

test('twenty deployments in a row under load lose no request', async () => {
  const { application, live } = await kit.createApplication();
  const versions = await Promise.all(
    Array.from({ length: 20 }, (_, i) => kit.commit(application, { 'index.html': `version ${i}` })),
  );
  await kit.run(await kit.makeJob(application, live, versions[0] ?? ''));
  let isOver = false;
  let requests = 0;
  const wrong: string[] = [];
  const client = async () => {
    while (!isOver) {
      const answer = await kit
        .fetchFrom(live)
        .catch((error: unknown) => ({ status: 0, body: String(error) }));
      requests += 1;
      // Enough to be always asking, without taking the machine from what is measured.
      await pause(3);
      if (answer.status !== 200) wrong.push(`${answer.status} ${answer.body}`);
    }
  };
  const clients = [client(), client()];
  for (const sha of versions.slice(1)) {
    expect(await kit.run(await kit.makeJob(application, live, sha))).toMatchObject({ ok: true });
  }
  isOver = true;
  await Promise.all(clients);
  expect(wrong).toEqual([]);
  expect(requests).toBeGreaterThan(300);
  expect((await kit.fetchFrom(live)).body).toBe('version 19');
}, 120_000);
