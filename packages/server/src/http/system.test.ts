import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SystemHealth } from '@sluice/contract';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';
import { unprotectAuditLog } from '../store/test/open-store.ts';

let server: HttpServer;
beforeAll(async () => {
  server = await startHttpServer();
});
afterAll(() => server.stop());

const health = () =>
  server.client(server.admin.token).send<SystemHealth>('GET', '/system/v3/health/');
const part = async (name: string) => (await health()).parts.find((one) => one.name === name);

test('a fresh installation is well, and says what it looked at', async () => {
  const found = await health();
  expect(found.parts.map(({ name }) => name)).toEqual([
    ...['database', 'disk', 'router', 'supervisor', 'runner', 'queue', 'messages'],
    ...['git maintenance', 'notifications', 'clock', 'master key', 'backups'],
  ]);
  expect(found.parts.filter(({ status }) => status !== 'ok').map(({ name }) => name)).toEqual([
    ...['runner', 'backups'],
  ]);
  expect(found.status).toBe('ok');
  expect(found.queue).toEqual({ queued: 0, running: 0, oldest_queued_at: null });
  expect(found.database_bytes).toBeGreaterThan(10_000);
  expect(found.disk.free_bytes).toBeLessThan(found.disk.total_bytes);
  expect(found.memory_bytes).toBeGreaterThan(10_000_000);
});

test('a message that nobody hears is told', async () => {
  await server.store.db
    .insertInto('messages')
    .values({
      ...{ topic: 'nothing', consumer: 'nobody', payload: '{}', consumed_at: null },
      ...{ created_at: '2026-01-01T00:00:00.000Z', attempts: 3, last_error: 'it broke' },
    })
    .execute();
  expect(await part('messages')).toMatchObject({
    status: 'failing',
    detail: expect.stringContaining('it broke'),
  });
  expect((await health()).messages).toContainEqual({ consumer: 'nobody', waiting: 1 });
  await server.store.db.deleteFrom('messages').where('consumer', '=', 'nobody').execute();
});

test('a clock that was set back is noticed', async () => {
  await server.accounts.audit(null, { actor: 'test', action: 'time.travel', target: 'clock' });
  await unprotectAuditLog(server.store);
  await sql`update audit_log set at = '2099-01-01T00:00:00.000Z'
    where sequence = (select max(sequence) from audit_log)`.execute(server.store.db);
  expect(await part('clock')).toMatchObject({ status: 'degraded', advice: expect.anything() });
  await server.accounts.audit(null, { actor: 'test', action: 'time.return', target: 'clock' });
  expect((await part('clock'))?.status).toBe('ok');
});

test('a master key that others can read, or that is gone, fails', async () => {
  const path = join(server.dataDir, 'keys', 'master.key');
  await chmod(path, 0o644);
  expect((await part('master key'))?.detail).toContain('Other users');
  await chmod(path, 0o600);
  await rename(path, `${path}.away`);
  expect(await part('master key')).toMatchObject({ status: 'failing' });
  expect((await health()).status).toBe('failing');
  await rename(`${path}.away`, path);
  expect((await part('master key'))?.status).toBe('ok');
});

test('is for administrators of the installation alone', async () => {
  const owner = await server.accounts.createUser(
    { email: 'owner@example.com', password: null },
    { organisationUuid: server.organisationUuid, role: 'owner' },
    'test',
  );
  const client = server.client(await server.tokenOf(owner));
  await expect(client.send('GET', '/system/v3/health/')).rejects.toMatchObject({ status: 403 });
});

test('the age of the newest backup is told', async () => {
  const backups = () => part('backups');
  const path = join(server.dataDir, 'last-backup.json');
  await writeFile(path, JSON.stringify({ at: new Date().toISOString() }));
  expect(await backups()).toMatchObject({ status: 'ok' });
  await writeFile(
    path,
    JSON.stringify({ at: new Date(Date.now() - 5 * 86_400_000).toISOString() }),
  );
  expect(await backups()).toMatchObject({
    status: 'degraded',
    advice: expect.stringContaining('sluice admin backup'),
  });
  await rm(path);
  expect(await backups()).toMatchObject({ status: 'unknown' });
});
