import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSecrets } from '../../secrets/index.ts';
import type { Store } from '../../store/index.ts';
import { openStore } from '../../store/test/open-store.ts';
import { type Accounts, createAccounts } from '../index.ts';

let dataDir: string;
let store: Store;
let accounts: Accounts;
let now = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-totp-'));
  store = await openStore({ dataDir });
  const sealing = await createSecrets({ dataDir, db: store.db, rsaBits: 1024 });
  accounts = createAccounts({ store, sealing, now: () => new Date(now) });
});

afterAll(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

const STEP_MS = 30_000;
const stepAt = (time: number) => Math.floor(time / STEP_MS);

async function enrolled() {
  const user = await accounts.createUser(
    { email: `${randomUUID()}@example.com`, password: null },
    null,
    'test',
  );
  const self = { userUuid: user.uuid, email: user.email, sessionUuid: 'none' };
  const { secret } = await accounts.twoFactor.begin(self, 'Sluice');
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  const codeOf = (step: number) => totp.generate({ timestamp: step * STEP_MS });
  const codes = await accounts.twoFactor.confirm(self, codeOf(stepAt(now)));
  return { user, codeOf, codes };
}

/** Some seconds pass, then somebody gives the code of a step relative to that of the clock. */
const attempt = fc.record({
  seconds: fc.integer({ min: 0, max: 100 }),
  offset: fc.integer({ min: -3, max: 3 }),
});

/** Planted to see it fail: leaving out `last_counter` in the update; a window of 2. */
test('a code is accepted within one step of the clock, and no code twice nor an older one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 9 }), async (attempts) => {
      now = Date.UTC(2026, 0, 1);
      const { user, codeOf } = await enrolled();
      let last = stepAt(now);
      for (const { seconds, offset } of attempts) {
        now += seconds * 1_000;
        const step = stepAt(now) + offset;
        const expected = Math.abs(offset) <= 1 && step > last;
        expect(await accounts.twoFactor.check(user, codeOf(step))).toBe(expected);
        if (expected) last = step;
      }
    }),
    { numRuns: 60 },
  );
});

test('a code sent many times at once is accepted once, and so is a recovery code', async () => {
  now = Date.UTC(2026, 0, 1);
  const { user, codeOf, codes } = await enrolled();
  now += STEP_MS;
  for (const code of [codeOf(stepAt(now)), codes[0] ?? '']) {
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, () => accounts.twoFactor.check(user, code)),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
  }
  expect(await accounts.twoFactor.codesLeft(user.uuid)).toBe(9);
});

test('whoever guesses codes is stopped, also when each guess comes from elsewhere', async () => {
  now = Date.UTC(2026, 0, 1);
  const { user, codes } = await enrolled();
  for (let guess = 0; guess < 10; guess += 1) {
    expect(await accounts.twoFactor.check(user, '000000')).toBe(false);
  }
  await expect(accounts.twoFactor.check(user, codes[0] ?? '')).rejects.toMatchObject({
    code: 'rate_limited',
  });
  now += 16 * 60_000;
  expect(await accounts.twoFactor.check(user, ` ${(codes[0] ?? '').toUpperCase()} `)).toBe(true);
});

test('neither secrets nor recovery codes stand in the database', async () => {
  now = Date.UTC(2026, 0, 1);
  const { codes } = await enrolled();
  const everything = JSON.stringify([
    await store.db.selectFrom('recovery_codes').selectAll().execute(),
    await store.db.selectFrom('audit_log').selectAll().execute(),
  ]);
  for (const code of codes) expect(everything).not.toContain(code);
  const rows = await store.db.selectFrom('two_factor').select('secret_sealed').execute();
  for (const { secret_sealed: sealed } of rows) expect(sealed).toMatch(/^v1\./);
});
