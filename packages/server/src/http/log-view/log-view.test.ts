import type { LogLines, LogMatches, LogOutline } from '@sluice/contract';
import { createRepository } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../../test/http-server.ts';
import { rawRequest } from '../../../test/raw-request.ts';
import { readEvents } from './test/read-events.ts';

let server: HttpServer;
let job: number;
let deployment: string;

/** The log of the job's first attempt; no runner is here to write to it. */
const stream = () => `job-${job}-1`;
const LOG =
  'travis_fold:start:install\r\u001b[0Ktravis_time:start:0a\r\u001b[0K$ npm ci\n\u001b[31mFoo\u001b[0mbar\n\ntravis_time:end:0a:start=1,finish=2,duration=1500000000,event=install\r\u001b[0Ktravis_fold:end:install\r\u001b[0K$ npm test\nfoo ä\n';

beforeAll(async () => {
  server = await startHttpServer();
  const client = server.client(server.admin.token);
  const application = await client.applications.create({
    ...{ name: 'Shop', organisation: server.organisationUuid },
  });
  await client.repositories.update(application.repository_uuid, { active: true });
  const work = await createRepository();
  await work.commit('First', { '.travis.yml': 'language: generic\nscript: true\n' });
  const url = new URL(application.git_url);
  url.username = 'x';
  url.password = server.admin.token;
  await work.push(url.href);
  await work.remove();
  const { results } = await client.builds.list({ application: application.uuid });
  job = (await client.builds.get(results[0]?.id ?? 0)).jobs[0]?.id ?? 0;
  const environments = await client.environments.list({ application: application.uuid });
  const asked = await client.deployments.create({
    environment: environments.results[0]?.uuid ?? '',
  });
  deployment = asked.uuid;
  await server.store.logs.append(stream(), LOG);
});

afterAll(() => server.stop());

const get = (path: string, headers: Record<string, string> = {}) =>
  rawRequest(server.url, path, {
    headers: { authorization: `Token ${server.admin.token}`, ...headers },
  });
const ofJob = (rest: string) => `/ci/v3/jobs/${job}/log/${rest}`;

describe('a job’s log', () => {
  test('has an outline', async () => {
    const { json } = await get(ofJob('outline/'));
    expect(json).toEqual({
      ...{ lines: 5, bytes: Buffer.byteLength(LOG), ended: false, attempt: 1, timings: [] },
      tail: { line: 6, offset: Buffer.byteLength(LOG) },
      folds: [{ name: 'install', title: 'npm ci', start: 1, end: 3, duration_ms: 1_500 }],
    } satisfies LogOutline);
  });

  test('is read by line, with the time of arrival', async () => {
    const { json } = await get(ofJob('lines/?from=2&count=2'));
    const { lines, total, ended } = json as LogLines;
    expect({ total, ended }).toEqual({ total: 5, ended: false });
    expect(lines.map(({ n, text }) => [n, text])).toEqual([
      [2, '\u001b[31mFoo\u001b[0mbar'],
      [3, ''],
    ]);
    const age = Date.now() - new Date(lines[0]?.at ?? 0).getTime();
    expect(age >= 0 && age < 120_000).toBe(true);
    expect((await get(ofJob('lines/?from=99'))).json).toMatchObject({ lines: [], total: 5 });
    expect((await get(ofJob('lines/?count=2000'))).status).toBe(400);
  });

  test('is searched whatever the case and the colours', async () => {
    const search = async (rest: string) => (await get(ofJob(`search/?${rest}`))).json as LogMatches;
    expect(await search('q=foobar')).toEqual({ lines: [2], complete: true });
    expect(await search('q=FOO%20%C3%84')).toEqual({ lines: [5], complete: true });
    expect(await search('q=travis_fold')).toEqual({ lines: [], complete: true });
    expect(await search('q=foo&limit=1')).toEqual({ lines: [2], complete: false });
    expect((await get(ofJob('search/'))).status).toBe(400);
  });

  test('is downloaded, whole or in part, and never run as a page', async () => {
    const whole = await get(ofJob('raw/'));
    expect(whole.text).toBe(LOG);
    expect(whole.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': expect.stringMatching(/^attachment; filename="job-1\.1\.log"$/),
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    });
    const part = await get(ofJob('raw/'), { range: 'bytes=12-16' });
    expect({ status: part.status, text: part.text }).toEqual({
      status: 206,
      text: LOG.slice(12, 17),
    });
    const size = Buffer.byteLength(LOG);
    expect(part.headers['content-range']).toBe(`bytes 12-16/${size}`);
    expect((await get(ofJob('raw/'), { range: 'bytes=-6' })).text).toBe('oo ä\n');
    expect((await get(ofJob('raw/'), { range: `bytes=${size}-` })).status).toBe(416);
  });

  test('is streamed as it is written, resumed where it broke off, and ended', async () => {
    const url = `${server.url}${ofJob('stream/')}`;
    const reader = readEvents(url, server.admin.token);
    await reader.until((so) => so.text() === LOG);
    await server.store.logs.append(stream(), 'live €\n');
    await reader.until((so) => so.text() === `${LOG}live €\n`);
    const last = reader.events.at(-1);
    expect(last?.data.at).not.toBeNull();
    reader.leave();
    await server.store.logs.append(stream(), 'missed\n');
    const again = readEvents(`${url}?offset=0`, server.admin.token, {
      'last-event-id': last?.id ?? '',
    });
    await again.until((so) => so.text() === 'missed\n');
    await server.store.logs.end(stream());
    await again.closed;
    expect(again.events.at(-1)?.event).toBe('end');
  });
});

test('a deployment’s log has its sections as folds, and ends', async () => {
  const ofDeployment = (rest: string) => `/apps/v3/deployments/${deployment}/log/${rest}`;
  const reader = readEvents(`${server.url}${ofDeployment('stream/')}`, server.admin.token);
  // Without a runner its build never ends, so nothing else writes here.
  const stream = server.deploy.log(deployment);
  await server.store.logs.append(
    stream,
    '===== git checkout =====\n\nabc\n===== image build =====\n',
  );
  await server.client(server.admin.token).deployments.cancel(deployment);
  await reader.closed;
  expect(reader.events.at(-1)?.event).toBe('end');
  const outline = (await get(ofDeployment('outline/'))).json as LogOutline;
  expect(outline).toMatchObject({ ended: true, attempt: null });
  expect(reader.text()).toBe((await get(ofDeployment('raw/'))).text);
  for (const fold of outline.folds) {
    const { json } = await get(ofDeployment(`lines/?from=${fold.start}&count=1`));
    expect((json as LogLines).lines[0]?.text).toBe(`===== ${fold.title} =====`);
    expect(fold.end).not.toBeNull();
  }
  expect(outline.folds.length).toBe(2);
  expect(outline.folds[0]?.duration_ms).toBeGreaterThanOrEqual(0);
});

test('a closing server ends its streams at once', async () => {
  const other = await startHttpServer();
  const client = other.client(other.admin.token);
  const application = await client.applications.create({
    ...{ name: 'Other', organisation: other.organisationUuid },
  });
  const environments = await client.environments.list({ application: application.uuid });
  // Waits for a commit for as long as it may: its log stays open.
  const { uuid } = await client.deployments.create({
    environment: environments.results[0]?.uuid ?? '',
    commit: 'a'.repeat(40),
  });
  const url = `${other.url}/apps/v3/deployments/${uuid}/log/stream/`;
  const readers = Array.from({ length: 20 }, () => readEvents(url, other.admin.token));
  await Promise.all(readers.map((reader) => reader.until(() => true)));
  const began = Date.now();
  await other.stop();
  await Promise.all(readers.map((reader) => reader.closed));
  expect(Date.now() - began).toBeLessThan(30_000);
});
