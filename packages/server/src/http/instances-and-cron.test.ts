import { createRepository } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';
import { rawRequest } from '../../test/raw-request.ts';

const WITHIN = { timeout: 120_000, interval: 100 };
const APP = `
import http.server, os
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(os.environ['PORT'].encode())
    def do_POST(self): os._exit(3)
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), H).serve_forever()
`;

let server: HttpServer;
let environment: string;
let host: string;
const client = () => server.client(server.admin.token);

const deploy = async () => {
  const { uuid } = await client().deployments.create({ environment });
  await expect.poll(async () => (await client().deployments.get(uuid)).success, WITHIN).toBe(true);
};
const ask = (method = 'GET') =>
  rawRequest(`http://127.0.0.1:${server.applicationPort}`, '/', { method, headers: { host } });

beforeAll(async () => {
  server = await startHttpServer();
  await server.deploy.start();
  server.cron.start();
  const application = await client().applications.create({
    name: 'Shop',
    organisation: server.organisationUuid,
  });
  const { results } = await client().environments.list({ application: application.uuid });
  environment = results[0]?.uuid ?? '';
  host = new URL(results[0]?.url ?? '').host;
  const work = await createRepository();
  await work.commit('app', { Procfile: 'web: exec python app.py', 'app.py': APP });
  const url = new URL(application.git_url);
  url.username = 'x';
  url.password = server.admin.token;
  await work.push(url.href);
  await work.remove();
}, 120_000);

afterAll(() => server.stop());

describe('several instances', () => {
  test('share the requests, one that dies is started again without an outage, and each is listed', async () => {
    await client().environments.update(environment, { instances: 3 });
    await deploy();
    const { instances } = await client().environments.instances(environment);
    expect(instances.map(({ service }) => service)).toEqual(['web', 'web', 'web']);
    const answered = new Map<string, number>();
    const count = async () => {
      const { text } = await ask();
      answered.set(text, (answered.get(text) ?? 0) + 1);
    };
    for (let request = 0; request < 30; request += 1) await count();
    expect([...answered.values()].every((times) => times >= 5)).toBe(true);
    expect(answered.size).toBe(3);

    // Not a GET, which the router would try with the next instance, and the next.
    expect((await ask('POST')).status).toBe(502);
    for (let request = 0; request < 30; request += 1) expect((await ask()).status).toBe(200);
    await expect
      .poll(async () => {
        answered.clear();
        for (let request = 0; request < 12; request += 1) await count();
        return answered.size;
      }, WITHIN)
      .toBe(3);
  });

  test('fewer take their place without a failed request', async () => {
    await client().environments.update(environment, { instances: 1 });
    let isOver = false;
    const failed: number[] = [];
    const asking = (async () => {
      while (!isOver) {
        const { status } = await ask().catch(() => ({ status: 0 }));
        if (status !== 200) failed.push(status);
      }
    })();
    await client().environments.restart(environment);
    isOver = true;
    await asking;
    expect(failed).toEqual([]);
    const { instances } = await client().environments.instances(environment);
    expect(instances.filter(({ state }) => state === 'serving')).toHaveLength(1);
  });

  test.each([0, 33, 1.5])('%d is refused', async (instances) => {
    await expect(client().environments.update(environment, { instances })).rejects.toThrow();
  });
});

describe('cron jobs', () => {
  test('a schedule that is none is refused with the field', async () => {
    await expect(
      client().cron.create({ environment, command: 'true', schedule: 'often' }),
    ).rejects.toThrow(/five fields/);
  });

  test('one runs from the next deployment on, once, with the variables of what is live, into a log of its own', async () => {
    await client().variables.create({ environment, name: 'GREETING', value: 'hello' });
    const command = 'echo "$GREETING from cron"; ls app.py';
    const made = await client().cron.create({ environment, command, schedule: '* * * * *' });
    expect(made.next_run_at).toBeNull();
    await deploy();
    const [job] = (await client().cron.list(environment)).results;
    expect(job?.next_run_at).toMatch(/:00\.000Z$/);
    await expect
      .poll(async () => (await client().cron.runs(made.uuid)).at(-1)?.outcome, WITHIN)
      .toBe('done');
    const runs = await client().cron.runs(made.uuid);
    expect(new Set(runs.map((run) => run.due_at)).size).toBe(runs.length);
    expect(runs.at(-1)?.due_at).toMatch(/:00\.000Z$/);
    const { results } = await client().environments.logs(environment);
    const lines = results.filter(({ service }) => service === 'cronjob');
    expect(lines.slice(0, 2).map(({ message }) => message)).toEqual(['hello from cron', 'app.py']);
    await client().cron.remove(made.uuid);
  });

  test('one that is run by hand tells how it failed, and not beside itself', async () => {
    const command = 'sleep 3; exit 5';
    const { uuid } = await client().cron.create({ environment, command, schedule: '@daily' });
    await client().cron.run(uuid);
    await expect(client().cron.run(uuid)).rejects.toThrow(/running already/);
    await expect
      .poll(async () => (await client().cron.runs(uuid)).at(-1), WITHIN)
      .toMatchObject({
        ...{ outcome: 'failed', requested_by: server.admin.user.email },
        detail: expect.stringContaining('5'),
      });
  });
});
