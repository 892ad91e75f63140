import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';

let server: HttpServer;

beforeAll(async () => {
  server = await startHttpServer();
});
afterAll(() => server.stop());

test('where applications run as processes none is offered, and adding one says what is needed', async () => {
  const client = server.client(server.admin.token);
  const application = await client.applications.create({
    ...{ name: 'Shop', organisation: server.organisationUuid },
  });
  const { results } = await client.environments.list({ application: application.uuid });
  const environment = results[0]?.uuid ?? '';
  expect((await client.services.list()).results).toEqual([]);
  await expect(
    client.serviceInstances.create({ environment, service: 'postgresql' }),
  ).rejects.toMatchObject({ status: 400, message: expect.stringContaining('--runtime docker') });
  expect((await client.serviceInstances.list({ environment })).results).toEqual([]);
});
