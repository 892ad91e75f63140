import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import type { PullWhy } from '@sluice/contract';
import { createRepository, type TestRepository } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../../test/http-server.ts';

/** `why` for pull requests with real merges and real deployments; the gate is off, so no build stands between. */
const CLI = resolve(import.meta.dirname, '../../../../cli/src/main.ts');

let server: HttpServer;
let application: string;
let live: string;
let work: TestRepository;
let url: string;

beforeAll(async () => {
  server = await startHttpServer();
  const made = await client().applications.create({
    ...{ name: 'Shop', organisation: server.organisationUuid },
  });
  application = made.uuid;
  await client().repositories.update(made.repository_uuid, { active: false });
  const { results } = await client().environments.list({ application });
  live = results.find(({ slug }) => slug === 'live')?.uuid ?? '';
  const remote = new URL(made.git_url);
  remote.username = 'x';
  remote.password = server.admin.token;
  url = remote.href;
  work = await createRepository();
  await work.commit('base', { 'index.html': 'base\n' });
  await work.push(url, 'main');
});
afterAll(async () => {
  await server?.stop();
  await work?.remove();
});

const client = () => server.client(server.admin.token);

async function open(branch: string) {
  await work.git('checkout', '-q', '-B', branch, 'main');
  await work.commit(branch, { [`${branch}.html`]: `${branch}\n` });
  await work.push(url, branch);
  return client().pullRequests.create({ application, head: branch });
}

const merge = (uuid: string) => client().pullRequests.merge(uuid, { method: 'squash' });
const rules = (why: PullWhy) => why.steps.map(({ rule }) => rule);
const liveOf = (why: PullWhy) => why.environments.find(({ slug }) => slug === 'live');

function cli(...words: string[]): Promise<{ code: number; out: string }> {
  const env = { ...process.env, SLUICE_URL: server.url, SLUICE_TOKEN: server.admin.token };
  return new Promise((answer) => {
    const all = [CLI, ...words, '--remote-id', application];
    const child = execFile(process.execPath, all, { env }, (_, out, err) =>
      answer({ code: child.exitCode ?? -1, out: `${out}${err}` }),
    );
  });
}

test('two merges, of which the later one is deployed: the first is told who carried it', async () => {
  const first = await open('first');
  const waiting = await client().pullRequests.why(first.uuid);
  expect(waiting).toMatchObject({ number: 1, state: 'open', merged_sha: null });
  expect(waiting.environments).toMatchObject([
    { slug: 'test', state: 'not_merged' },
    { slug: 'live', state: 'not_merged' },
  ]);
  expect(rules(waiting).slice(0, 2)).toEqual(['pushed', 'opened']);
  expect(waiting.steps[0]?.text).toContain('pushed by admin@example.com');

  const merged = await merge(first.uuid);
  const asked = await client().pullRequests.why(first.uuid);
  expect(liveOf(asked)).toMatchObject({ state: 'not_signalled', deployment: null });

  const second = await merge((await open('second')).uuid);
  const deployed = await client().deployments.create({
    ...{ environment: live, commit: second.merged_sha ?? '', wait: 60 },
  });
  expect(deployed.success).toBe(true);

  const own = await client().pullRequests.why(second.uuid);
  expect(own.summary).toMatch(/^merged; .*live: live/);
  expect(liveOf(own)).toMatchObject({
    ...{ state: 'live', deployment: deployed.uuid, rule: 'went_live', text: null },
    at: expect.stringMatching(/Z$/),
  });

  const carried = await client().pullRequests.why(first.uuid);
  expect(carried.merged_sha).toBe(merged.merged_sha);
  expect(liveOf(carried)).toMatchObject({
    ...{ state: 'live', deployment: deployed.uuid, rule: 'carried' },
    superseded_by: deployed.uuid,
    text: expect.stringContaining(second.merged_sha?.slice(0, 10) ?? '-'),
  });
  expect(carried.steps.at(-1)).toMatchObject({ rule: 'carried', deployment: deployed.uuid });
});

const metrics = () =>
  fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.admin.token}` } });
const seconds = async (environment: string) => {
  const labels = `{application="shop",environment="${environment}"}`;
  const text = await (await metrics()).text();
  const found = text.split('\n').find((line) => line.includes(labels));
  return found === undefined ? null : Number(found.split(' ').at(-1));
};

test('an environment says in one line, by exit code and as a metric whether its newest is live', async () => {
  expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
  expect((await metrics()).headers.get('content-type')).toContain('text/plain; version=0.0.4');
  expect(await seconds('live')).toBe(0);
  expect(await cli('why', '--environment', 'live')).toEqual({
    ...{ code: 0, out: 'live = newest commit of main\n' },
  });
  const never = await cli('why', '--environment', 'test');
  expect(never).toMatchObject({ code: 1, out: expect.stringMatching(/^nothing is live: /) });
  await work.git('checkout', '-q', 'main');
  await work.git('pull', '-q', url, 'main');
  await work.commit('ahead', { 'ahead.html': 'ahead\n' });
  await work.push(url, 'main');
  await server.store.db
    .updateTable('pushes')
    .set({ received_at: new Date(Date.now() - 3_600_000).toISOString() })
    .where('after_sha', '=', await work.sha('HEAD'))
    .execute();
  expect(await seconds('live')).toBeGreaterThanOrEqual(3_600);
  expect(await seconds('live')).toBeLessThan(3_700);
  const { code, out } = await cli('why', '--environment', 'live', '--json');
  expect({ code, line: JSON.parse(out) }).toMatchObject({
    ...{ code: 1, line: { slug: 'live', is_newest_passed: false } },
  });
  expect(await cli('why', '--environment', 'nowhere')).toMatchObject({ code: 4 });
  expect(await cli('why', 'main', '--environment', 'live')).toMatchObject({ code: 2 });
});

test('the command line says it, by number or as pr/N, and refuses what is no number', async () => {
  const shown = await cli('why', 'pr/1');
  expect(shown).toMatchObject({ code: 0, out: expect.stringContaining('carried') });
  expect(shown.out).toMatch(/^#1 first\nmerged; /);
  const { out } = await cli('why', '--pull-request', '1', '--json');
  expect(JSON.parse(out)).toEqual(
    JSON.parse(JSON.stringify(await client().pullRequests.why(JSON.parse(out).uuid))),
  );
  expect(await cli('why', '--pull-request', 'one')).toMatchObject({ code: 2 });
  expect(await cli('why', 'pr/99')).toMatchObject({ code: 4 });
});
