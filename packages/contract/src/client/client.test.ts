import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiError, type Client, createClient, ProtocolError, UnreachableError } from './index.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
}

let server: Server;
let url: string;
let answer: Answer;
let seen: IncomingMessage[];
let client: Client;

beforeEach(async () => {
  seen = [];
  answer = { status: 200, body: '{}' };
  server = createServer((request, response) => {
    seen.push(request);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = createClient({ baseUrl: `${url}/`, token: 'slc_x', userAgent: 'sluice/test' });
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** What a call failed with. */
const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  );

describe('a call', () => {
  test('carries the token, the user agent and an encoded path', async () => {
    await client.why('feature/x?y', 'shop');
    expect(seen[0]?.url).toBe('/apps/v3/commits/feature%2Fx%3Fy/why/?application=shop');
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Token slc_x',
      'user-agent': 'sluice/test',
      accept: 'application/json',
    });
  });

  test('never hands the token to another server, wherever `next` points', async () => {
    const other = createClient({ baseUrl: 'http://sluice.test', token: 'slc_x', userAgent: 'x' });
    await other.environments.logs('u', `${url}/apps/v3/environments/u/logs/?cursor=1-2`);
    expect(seen[0]?.headers.authorization).toBeUndefined();
    await client.environments.logs('u', `${url}/apps/v3/environments/u/logs/?cursor=1-2`);
    expect(seen[1]?.headers.authorization).toBe('Token slc_x');
  });
});

describe('a failure', () => {
  test('has status, messages by field, and a reason for programs', async () => {
    answer = {
      status: 409,
      body: '{"detail": "It is live already."}',
      headers: { 'x-sluice-reason': 'already_live' },
    };
    expect(await failure(client.deployments.cancel('u'))).toMatchObject({
      name: 'ApiError',
      ...{ status: 409, reason: 'already_live', message: 'It is live already.' },
    });
    answer = { status: 400, body: '{"name": ["Too long."], "non_field_errors": ["No."]}' };
    const error = await failure(client.applications.create({}));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      fields: { name: ['Too long.'], non_field_errors: ['No.'] },
      message: 'name: Too long.\nNo.',
    });
  });

  test('of a proxy is short, not a page', async () => {
    answer = { status: 502, body: `<html>${'x'.repeat(5_000)}` };
    const error = await failure(client.me());
    expect((error as Error).message.length).toBeLessThanOrEqual(300);
  });

  test('to reach anybody says so, with the cause', async () => {
    const nobody = createClient({ baseUrl: 'http://127.0.0.1:1', token: null, userAgent: 'x' });
    const error = await failure(nobody.me());
    expect(error).toBeInstanceOf(UnreachableError);
    expect((error as Error).message).toMatch(/127\.0\.0\.1:1 does not answer/);
  });

  test('to be a Sluice says so, and redirects are not followed', async () => {
    answer = { status: 200, body: '<html>' };
    expect(await failure(client.me())).toBeInstanceOf(ProtocolError);
    answer = { status: 302, body: '', headers: { location: 'http://127.0.0.1:1/' } };
    expect(await failure(client.me())).toBeInstanceOf(UnreachableError);
  });
});

describe('resolving an application', () => {
  test('asks by website id for digits, else by slug, else by uuid', async () => {
    answer = { status: 200, body: '{"count": 0, "results": []}' };
    expect(await failure(client.applications.resolve('12'))).toMatchObject({ status: 404 });
    await client.applications.resolve('some-uuid');
    expect(seen.map((request) => request.url)).toEqual([
      '/apps/v3/applications/?id=12',
      '/apps/v3/applications/?slug=some-uuid',
      '/apps/v3/applications/some-uuid/',
    ]);
  });
});
