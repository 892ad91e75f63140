import type { AuditEntry, AuditVerdict, ListOf } from '@sluice/contract';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';
import { rawRequest } from '../../test/raw-request.ts';
import { unprotectAuditLog } from '../store/test/open-store.ts';

let server: HttpServer;
beforeAll(async () => {
  server = await startHttpServer();
});
afterAll(() => server.stop());

const record = (actor: string, action: string, target: string, details = {}) =>
  server.accounts.audit(null, { actor, action, target, details });
const list = (query: string) =>
  server.client(server.admin.token).send<ListOf<AuditEntry>>('GET', `/iam/v3/audit-log/${query}`);
const verify = () =>
  server.client(server.admin.token).send<AuditVerdict>('GET', '/iam/v3/audit-log/verify/');
const download = (query: string) =>
  rawRequest(server.url, `/iam/v3/audit-log/export/${query}`, {
    headers: { authorization: `Token ${server.admin.token}` },
  });

test('filters by actor, beginning of action and target, time and text, all together', async () => {
  await record('ada@example.com', 'paging.one', 'thing:1', { note: '100% sure' });
  await record('Ada@example.com', 'paging.two', 'thing:2', { note: 'a_b' });
  // Times of entries are milliseconds: none of them may be that of the moment asked for.
  const pause = () => new Promise((done) => setTimeout(done, 5));
  await pause();
  const now = new Date();
  await pause();
  await record('bob@example.com', 'paging.two', 'other:2');
  const actions = async (query: string) =>
    (await list(query)).results.map(({ actor, action }) => `${actor} ${action}`);
  expect(await actions('?actor=ada')).toEqual([
    'Ada@example.com paging.two',
    'ada@example.com paging.one',
  ]);
  expect(await actions('?action=paging&target=thing:2')).toEqual(['Ada@example.com paging.two']);
  expect(await actions('?action=aging')).toEqual([]);
  expect(await actions('?text=100%25')).toEqual(['ada@example.com paging.one']);
  expect(await actions('?text=a_b')).toEqual(['Ada@example.com paging.two']);
  expect(await actions(`?action=paging&since=${now.toISOString()}`)).toEqual([
    'bob@example.com paging.two',
  ]);
  expect((await list(`?action=paging&until=${now.toISOString()}`)).count).toBe(2);
  await expect(list('?since=yesterday')).rejects.toMatchObject({ status: 400 });
});

test('pages neither repeat nor skip an entry while others are added', async () => {
  for (let index = 0; index < 7; index += 1) await record('pager', 'page.turn', `p:${index}`);
  const seen: string[] = [];
  let query: string | null = '?actor=pager&page_size=3';
  while (query !== null) {
    const page: ListOf<AuditEntry> = await list(query);
    seen.push(...page.results.map(({ target }) => target));
    await record('pager', 'page.turn', 'late');
    query = page.next === null ? null : new URL(page.next).search;
  }
  expect(seen).toEqual(['p:6', 'p:5', 'p:4', 'p:3', 'p:2', 'p:1', 'p:0']);
});

test('an export is streamed whole, as CSV that no spreadsheet runs and as JSON lines', async () => {
  for (let index = 0; index < 1_100; index += 1) await record('bulk', 'bulk.add', `b:${index}`);
  await record('=cmd()', 'bulk.add', 'b:last', { text: 'a "quoted", thing' });
  const lines = (await download('?action=bulk&format=jsonl')).text.trim().split('\n');
  expect(lines).toHaveLength(1_101);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ target: 'b:last', actor: '=cmd()' });
  const csv = await download('?action=bulk');
  expect(csv.text.split('\r\n')).toHaveLength(1_103);
  const [, first] = csv.text.split('\r\n');
  expect(first).toContain(`,'=cmd(),bulk.add,b:last,`);
  expect(first).toContain(String.raw`"{""text"":""a \""quoted\"", thing""}"`);
  expect((await list('?action=audit-log.export')).count).toBe(2);
});

test('the chain is intact while entries are added, and a change is found', async () => {
  const adding = (async () => {
    for (let index = 0; index < 50; index += 1) await record('busy', 'busy.add', `x:${index}`);
  })();
  for (let index = 0; index < 5; index += 1) {
    expect(await verify()).toMatchObject({ intact: true, broken_at: null });
  }
  await adding;
  const { count } = await list('');
  expect(await verify()).toEqual({ intact: true, entries: count, broken_at: null });
  await unprotectAuditLog(server.store);
  await sql`update audit_log set actor = 'nobody' where sequence = 5`.execute(server.store.db);
  expect(await verify()).toEqual({ intact: false, entries: 4, broken_at: 5 });
});

test('nobody but an administrator of the installation reads it', async () => {
  const owner = await server.accounts.createUser(
    { email: 'owner@example.com', password: null },
    { organisationUuid: server.organisationUuid, role: 'owner' },
    'test',
  );
  const client = server.client(await server.tokenOf(owner));
  for (const path of ['', 'verify/', 'export/']) {
    await expect(client.send('GET', `/iam/v3/audit-log/${path}`)).rejects.toMatchObject({
      status: 403,
    });
  }
});
