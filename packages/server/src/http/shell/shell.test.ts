import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createRepository } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../../test/http-server.ts';

const WITHIN = { timeout: 90_000, interval: 100 };
const SLUICE = join(import.meta.dirname, '../../../../cli/bin/sluice');

let server: HttpServer;
let environment: string;
let slug: string;

beforeAll(async () => {
  server = await startHttpServer({ settings: { shellSeconds: 600, shellIdleSeconds: 600 } });
  await server.deploy.start();
  const client = server.client(server.admin.token);
  const application = await client.applications.create({
    name: 'Shop',
    organisation: server.organisationUuid,
  });
  slug = application.slug;
  const { results } = await client.environments.list({ application: application.uuid });
  environment = results[0]?.uuid ?? '';
  await client.variables.create({
    ...{ environment, name: 'HIDDEN', value: 'very secret', is_sensitive: true },
  });
  const work = await createRepository();
  await work.commit('page', { 'index.html': '<p>hello' });
  const url = new URL(application.git_url);
  url.username = 'x';
  url.password = server.admin.token;
  await work.push(url.href);
  await work.remove();
}, 120_000);

afterAll(() => server.stop());

/** The real command. */
function sluice(words: readonly string[], token = server.admin.token) {
  const child = spawn(SLUICE, ['app', 'exec', '--remote-id', slug, ...words], {
    env: { ...process.env, SLUICE_URL: server.url, SLUICE_TOKEN: token },
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  const exit = new Promise<number | null>((done) => child.once('close', done));
  return { child, said, exit };
}

describe('sluice app exec', () => {
  test('says so where nothing is live', async () => {
    const { exit, said } = sluice(['true']);
    expect(await exit).toBe(1);
    expect(said.err).toContain('Nothing is live in this environment. Deploy it first');
  });

  test('runs a command with code and secrets of what is live, passes input, output and exit status, and is written down', async () => {
    const client = server.client(server.admin.token);
    const { uuid } = await client.deployments.create({ environment });
    await expect.poll(async () => (await client.deployments.get(uuid)).success, WITHIN).toBe(true);
    const command = 'ls; echo "$HIDDEN" >&2; wc -c; exit 9';
    const { child, exit, said } = sluice(['--', 'sh', '-c', command]);
    child.stdin.end('x'.repeat(3_000_000));
    expect(await exit).toBe(9);
    expect(said.out).toMatch(/index\.html\n3000000\n$/);
    expect(said.err).toBe('very secret\n');
    const written = await server.store.db
      .selectFrom('audit_log')
      .selectAll()
      .where('action', '=', 'environment.shell')
      .execute();
    expect(written.at(-1)).toMatchObject({
      ...{ actor: server.admin.user.email, target: `environment:${environment}` },
      details: expect.stringContaining('wc -c'),
    });
    const { results } = await client.environments.logs(environment);
    expect(results.filter((one) => one.service === 'shell').at(-1)?.message).toContain(
      'exited with status 9',
    );
  });

  test('what runs is gone with its client', async () => {
    const { child, exit, said } = sluice(['--', 'sh', '-c', 'echo begun; exec sleep 300']);
    await expect.poll(() => said.out, WITHIN).toContain('begun');
    child.kill('SIGKILL');
    await exit;
    const shells = async () =>
      (await client().environments.logs(environment)).results.filter(
        ({ message }) => message.includes('sleep 300') && message.includes('exited'),
      ).length;
    await expect.poll(shells, WITHIN).toBe(1);
  });

  test('is refused to whoever may not change the application, and to a browser', async () => {
    const deployer = await server.accounts.createMachineUser(
      { email: 'deployer@example.com' },
      { organisationUuid: server.organisationUuid, role: 'deployer' },
      'test',
    );
    const { exit, said } = sluice(['true'], await server.tokenOf(deployer));
    expect(await exit).not.toBe(0);
    expect(said.err).toMatch(/\S/);
    const path = `/apps/v3/environments/${environment}/shell/`;
    const headers = { authorization: `Token ${server.admin.token}` };
    expect((await fetch(`${server.url}${path}`, { headers })).status).toBe(426);
    expect((await fetch(`${server.url}${path}`)).status).toBe(401);
  });
});

const client = () => server.client(server.admin.token);
