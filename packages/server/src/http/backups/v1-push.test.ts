import { request as rawHttp } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../../test/http-server.ts';

let server: HttpServer;
let path: string;

beforeAll(async () => {
  server = await startHttpServer();
  const client = server.client(server.admin.token);
  const application = await client.applications.create({
    ...{ name: 'Shop', organisation: server.organisationUuid },
  });
  path = `/api/v1/website/${application.id}/upload/db/`;
});
afterAll(() => server.stop());

const authorization = () => ({ authorization: `Basic ${btoa(`sluice:${server.admin.token}`)}` });

async function push(body: FormData | string): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${server.url}${path}`, {
    ...{ method: 'POST', headers: authorization(), body },
  });
  return { status: answer.status, text: await answer.text() };
}

function form(file: string, megabytes: number, stage = 'test'): FormData {
  const data = new FormData();
  data.set('stage', stage);
  data.set('prefix', 'DEFAULT');
  data.set(file, new Blob([Buffer.alloc(megabytes * 1_000_000)]), 'local_db.tar.gz');
  return data;
}

test('a file is answered after all of it was sent, also where it goes nowhere', async () => {
  expect(await push(form('db_dump', 20))).toMatchObject({
    status: 400,
    text: expect.stringContaining('test has no database with the prefix DEFAULT'),
  });
  expect(await push(form('db_dump', 20, 'nowhere'))).toMatchObject({
    status: 400,
    text: expect.stringContaining('There is no environment \\"nowhere\\"'),
  });
});

test('a form without the file, with another, and what is no form are refused with the reason', async () => {
  const empty = new FormData();
  empty.set('stage', 'test');
  expect((await push(empty)).text).toContain('has no file \\"db_dump\\"');
  expect((await push(form('media_files', 5))).text).toContain('is \\"media_files\\"');
  expect(await push('{}')).toMatchObject({
    status: 400,
    text: expect.stringContaining('multipart/form-data'),
  });
  const stranger = await fetch(`${server.url}${path}`, {
    method: 'POST',
    body: form('db_dump', 1),
  });
  expect(stranger.status).toBe(401);
});

test('a client that goes away in the middle leaves a server that goes on', async () => {
  await new Promise<void>((resolve) => {
    const headers = {
      ...authorization(),
      'content-type': 'multipart/form-data; boundary=edge',
      'content-length': '1000000',
    };
    const half = rawHttp(`${server.url}${path}`, { method: 'POST', headers });
    half.on('error', () => undefined);
    half.on('close', resolve);
    half.write(
      '--edge\r\nContent-Disposition: form-data; name="db_dump"; filename="a"\r\n\r\nhalf',
    );
    setTimeout(() => half.destroy(), 300);
  });
  expect((await push(form('db_dump', 1))).status).toBe(400);
});
