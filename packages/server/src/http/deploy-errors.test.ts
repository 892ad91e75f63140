import type { Application, Deployment, Environment } from '@sluice/contract';
import { createRepository, type TestRepository } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';
import { type RawRequest, rawRequest } from '../../test/raw-request.ts';

/** The deploy API as a script that is not quite right meets it: every refusal says what was wrong and what to do. */
let server: HttpServer;
let work: TestRepository;
let application: Application;
let environment: Environment;
let sha: string;
/** Not on the branch of any environment. */
let other: string;

beforeAll(async () => {
  server = await startHttpServer();
  work = await createRepository();
  application = await client().applications.create({
    ...{ name: 'Shop', organisation: server.organisationUuid },
  });
  const { results } = await client().environments.list({ application: application.uuid });
  environment = results[0] as Environment;
  sha = await work.commit('one', { 'index.html': 'one' });
  const url = new URL(application.git_url);
  url.username = 'x';
  url.password = server.admin.token;
  await work.push(url.href);
  await work.push(url.href, 'HEAD:refs/tags/double');
  await work.git('checkout', '-q', '-b', 'feature');
  other = await work.commit('feature', { 'index.html': 'feature' });
  await work.push(url.href, 'HEAD:refs/heads/double');
});
afterAll(async () => {
  await work?.remove();
  await server?.stop();
});

const client = () => server.client(server.admin.token);

const send = (path: string, options: RawRequest) =>
  rawRequest(server.url, path, {
    method: 'POST',
    ...options,
    headers: { authorization: `Token ${server.admin.token}`, ...options.headers },
  });
const v1 = (options: RawRequest, id: string | number = application.id) =>
  send(`/api/v1/website/${id}/deploy/`, options);

const form = (fields: Record<string, string>): RawRequest => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
});
const json = (body: string): RawRequest => ({
  headers: { 'content-type': 'application/json' },
  body,
});
const typed = (type: string, body: string): RawRequest => ({
  headers: { 'content-type': type },
  body,
});

const onTest = (fields: Record<string, string>) => form({ stage: 'test', ...fields });

test.each<[string, RawRequest, number, RegExp]>([
  ['no stage', form({}), 400, /"stage".*such as stage=test.*test, live/],
  ['an unknown stage', form({ stage: 'prod' }), 400, /"stage".*prod.*test, live/],
  ['a stage that is a number', json('{"stage": 5}'), 400, /"stage":\["This must be a string/],
  ['two stages', typed('application/x-www-form-urlencoded', 'stage=test&stage=live'), 400, /stage/],
  ['JSON that is a list', json('["test"]'), 400, /one JSON object, or as a form/],
  ['plain text', typed('text/plain', 'stage=test'), 415, /x-www-form-urlencoded/],
  ['multipart', typed('multipart/form-data; boundary=x', '--x--'), 415, /x-www-form-urlencoded/],
  ['an unknown mode', onTest({ build_mode: 'fast' }), 400, /AUTO, ADOPT or FORCE, not \\"FAST\\"/],
  ['a wait that is no number', onTest({ wait: 'soon' }), 400, /"wait":\["This must be a number/],
  ['a wait before now', onTest({ wait: '-5' }), 400, /"wait":\["Use 0 to 60 seconds/],
  [
    'a commit with a blank',
    onTest({ commit: 'a b' }),
    400,
    /full SHA.*branch or a tag: it has blanks/,
  ],
  ['a commit too long', onTest({ commit: 'a'.repeat(300) }), 400, /it has 300 characters/],
  [
    'an unknown prefix',
    onTest({ commit: 'deadbee1' }),
    400,
    /no commit deadbee1\. Name the full SHA/,
  ],
  ['a name of two things', onTest({ commit: 'double' }), 400, /refs\/heads\/double.*Name the full/],
])('%s', async (_name, request, status, text) => {
  const before = (await client().deployments.list({ environment: environment.uuid })).count;
  const answer = await v1(request);
  expect(answer.status).toBe(status);
  expect(answer.text).toMatch(text);
  expect((await client().deployments.list({ environment: environment.uuid })).count).toBe(before);
});

test.each(['999', 'shop', '-1', '1e3', '99999999999999999999'])(
  'the website id %s is said to be none that this token may see',
  async (id) => {
    const answer = await v1(onTest({}), id);
    expect(answer.status).toBe(404);
    expect(answer.text).toContain(`There is no application with the website id ${id} that you may`);
    expect(answer.text).toContain('sluice app list');
  },
);

test('an environment is asked for by its uuid, and a stranger hears the same of one that is there', async () => {
  const path = '/apps/v3/deployments/';
  const answer = await send(path, form({ environment: 'test' }));
  expect(answer).toMatchObject({
    status: 404,
    json: { detail: 'There is no environment test that you may see.' },
  });
  const stranger = await server.accounts.createUser(
    { email: 'stranger@example.com', password: null },
    null,
    'test',
  );
  const headers = { authorization: `Token ${await server.tokenOf(stranger)}` };
  const foreign = await send(path, {
    ...form({ environment: environment.uuid }),
    headers: { ...form({}).headers, ...headers },
  });
  expect(foreign).toMatchObject({
    status: 404,
    json: { detail: `There is no environment ${environment.uuid} that you may see.` },
  });
});

test.each([
  ['none', undefined, /Send the header \\"Authorization: Token <token>\\"/],
  ['one without its word', 'slc_123', /holds no token\. Send the header/],
  ['a wrong one', 'Token slc_123', /Invalid token\. It may have expired or been revoked/],
])('a credential: %s', async (_name, authorization, text) => {
  const answer = await rawRequest(server.url, `/api/v1/website/${application.id}/deploy/`, {
    method: 'POST',
    headers: authorization === undefined ? {} : { authorization },
  });
  expect(answer.status).toBe(401);
  expect(answer.text).toMatch(text);
});

describe('a method that an address does not take', () => {
  test.each(['PUT', 'DELETE', 'PATCH'])('%s is 405 with those that it takes', async (method) => {
    const answer = await v1({ ...onTest({}), method });
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('POST, GET, HEAD');
    expect(answer.text).toContain(`does not take ${method}. Use POST, GET, HEAD.`);
  });

  test('OPTIONS answers with them, GET of the form is the status, and elsewhere it is 404', async () => {
    const options = await v1({ method: 'OPTIONS' });
    expect([options.status, options.headers['allow']]).toEqual([204, 'POST, GET, HEAD']);
    expect((await v1({ method: 'GET' })).json).toHaveProperty('test');
    const nowhere = await send('/api/v1/website/1/deployments/', { method: 'PUT' });
    expect(nowhere).toMatchObject({
      status: 404,
      json: { detail: expect.stringContaining('openapi.json') },
    });
    // The door of the machine itself is nobody's business.
    const internal = await send('/internal/git/post-receive/', { method: 'PUT' });
    expect(internal.status).toBe(404);
  });
});

test('blanks and quotes around a commit are those of a copied line', async () => {
  const answer = await v1(onTest({ commit: ` "${sha}" `, wait: '60' }));
  expect(answer).toMatchObject({ status: 201, json: { commit: sha, success: true } });
});

test('what ended last is the outcome, whenever it was accepted', async () => {
  // As an outside CI has it: the job of a feature branch says its word while main is being deployed.
  const awaited = await v1(onTest({ commit: '5'.repeat(40) }));
  const { deployment } = awaited.json as { deployment: string };
  const skipped = await v1(onTest({ commit: other, wait: '60' }));
  expect(skipped.json).toMatchObject({ status: 'SKIPPED', success: true });
  await client().deployments.cancel(deployment);

  const status = (await v1({ method: 'GET' })).json as Record<string, object>;
  expect(status['test']).toMatchObject({ last_deployment: { status: 'failure' } });
  const { last_deployment, last_finished_deployment } = await client().environments.get(
    environment.uuid,
  );
  expect(last_finished_deployment).toEqual({ uuid: deployment });
  expect(last_deployment).toEqual({
    uuid: (skipped.json as { deployment: Deployment['uuid'] }).deployment,
  });
});
