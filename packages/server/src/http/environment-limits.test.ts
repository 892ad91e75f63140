import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';
import { createLimitPolicy } from '../deploy/runtimes/limits.ts';

const MB = 1024 ** 2;

let server: HttpServer;
let environment: string;
const environments = () => server.client(server.admin.token).environments;

beforeAll(async () => {
  server = await startHttpServer({
    limits: createLimitPolicy(
      { milliCpus: 0, memoryBytes: 256 * MB, processes: 512 },
      { milliCpus: 2_000, memoryBytes: 1_024 * MB, processes: 0 },
    ),
  });
  const application = await server.client(server.admin.token).applications.create({
    name: 'Shop',
    organisation: server.organisationUuid,
  });
  const { results } = await environments().list({ application: application.uuid });
  environment = results[0]?.uuid ?? '';
}, 120_000);

afterAll(() => server.stop());

const none = { own: null, default: null, max: null };

test("an environment begins with the administrator's limits, within the caps", async () => {
  expect((await environments().get(environment)).limits).toEqual({
    milli_cpus: { ...none, value: 2_000, default: 2_000, max: 2_000 },
    memory_bytes: { ...none, value: 256 * MB, default: 256 * MB, max: 1_024 * MB },
    processes: { ...none, value: 512, default: 512 },
  });
});

test('each is set by itself, copied with the environment, and goes back to the default', async () => {
  const limits = { memory_bytes: 512 * MB, processes: 0 };
  const changed = await environments().update(environment, { limits });
  expect(changed.limits).toMatchObject({
    milli_cpus: { own: null, value: 2_000 },
    memory_bytes: { own: 512 * MB, value: 512 * MB, default: 256 * MB },
    processes: { own: 0, value: null },
  });
  const { uuid: copy } = await environments().copy(environment, 'copy');
  expect((await environments().get(copy)).limits?.memory_bytes.own).toBe(512 * MB);
  const back = await environments().update(environment, { limits: { memory_bytes: null } });
  expect(back.limits).toMatchObject({
    memory_bytes: { own: null, value: 256 * MB },
    processes: { own: 0 },
  });
});

test.each([
  [
    { memory_bytes: 2_048 * MB },
    /2048 MB of memory is more than the administrator allows \(1024 MB/,
  ],
  [{ milli_cpus: 0 }, /No limit is more than the administrator allows \(2 processors\)/],
  [{ memory_bytes: 1 * MB }, /1 MB of memory is too little .* at least 6 MB/],
  [{ processes: 5, milli_cpus: 2_500 }, /2\.5 processors is more/],
  [{ processes: -1 }, /limits: This must be >= 0/],
])('%o is refused, and nothing of it is kept', async (limits, message) => {
  const { limits: before } = await environments().get(environment);
  await expect(environments().update(environment, { limits })).rejects.toThrow(message);
  expect((await environments().get(environment)).limits).toEqual(before);
});
