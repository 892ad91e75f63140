import { execFileSync } from 'node:child_process';
import type { AuditEntry, ListOf, ServiceInstance } from '@sluice/contract';
import { lacksDocker } from '@sluice/testing/docker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { divio4Plain } from '../support/real-divio.ts';
import type { Place, Site } from '../support/site.ts';
import { createStockedSite, type StockedSite } from '../support/stocked-site.ts';

const WITHIN = { timeout: 120_000, interval: 200 };

/** A real application with a database behind it (issue 6, point 3). */
describe.skipIf(lacksDocker())('backing services', () => {
  let stocked: StockedSite;
  let place: Place;
  let site: Site;
  let docker: StockedSite['docker'];
  let sluice: StockedSite['sluice'];
  let deploy: StockedSite['deploy'];

  beforeAll(async () => {
    stocked = await createStockedSite();
    ({ place, site, docker, sluice, deploy } = stocked);
  });
  afterAll(() => stocked?.destroy());

  const instances = async (...words: string[]): Promise<ServiceInstance[]> =>
    JSON.parse(await sluice('app', 'service-instances', 'list', ...words, '--json'));
  const backing = (uuid: string) => [
    docker('ps', '-aq', '--filter', `label=sluice.backing=${uuid}`).length,
    docker('volume', 'ls', '-q', '--filter', `label=sluice.backing=${uuid}`).length,
  ];

  it('a release command and the page use DATABASE_URL and the storage', async () => {
    const offered = await place.installation.must(['services', 'list']);
    expect(offered).toMatch(/postgresql[\s\S]*redis[\s\S]*storage/);
    const added = await sluice('app', 'service-instances', 'add', '-s', 'postgresql', '--wait');
    expect(added).toContain('PostgreSQL DEFAULT is ready. Deploy to get DEFAULT_DATABASE_DSN');
    await sluice('app', 'service-instances', 'add', 'test', '-s', 'storage', '--wait');
    const log = await deploy('first');
    expect(log).toMatch(/===== services =====\s+PostgreSQL DEFAULT is reachable/);
    expect(log).not.toMatch(/postgres:\/\/\w+:[0-9a-f]{20}/);
    expect((await site.page('test')).body).toBe('first');
    expect((await site.page('test', '/store')).body).toBe('first kept');
  });

  it('whoever may change the application sees the connection string, and it is in the audit log', async () => {
    const shown = await sluice('app', 'service-instances', 'show', 'test', '-s', 'postgresql');
    const [, dsn] = /^DATABASE_URL=(postgres:\/\/\S+)$/m.exec(shown) ?? [];
    const [container = ''] = docker('ps', '-q', '--filter', 'label=sluice.backing');
    const asked = ['exec', container, 'psql', dsn?.replace(/@[^:]+/, '@127.0.0.1') ?? ''];
    const notes = execFileSync('docker', [...asked, '-Atc', 'select note from notes']);
    expect(notes.toString().trim()).toBe('first');
    const path = '/iam/v3/audit-log/?action=service.reveal';
    const { results } = await place.client().send<ListOf<AuditEntry>>('GET', path);
    expect(results).toHaveLength(1);
    expect(JSON.stringify(results)).toContain('"kind":"postgresql"');
    expect(JSON.stringify(results)).not.toContain(dsn);
  });

  it('what somebody removed by hand comes back with its data, and they outlive deployments', async () => {
    const [database] = await instances();
    const [container] = docker('ps', '-q', '--filter', `label=sluice.backing=${database?.uuid}`);
    execFileSync('docker', ['rm', '-f', container ?? '']);
    await deploy('second');
    expect((await site.page('test')).body).toBe('first second kept');
    expect(backing(database?.uuid ?? '')).toEqual([1, 1]);
  });

  it('the server is killed while a service is made: it is made once, and nothing is left over', async () => {
    const environment = site.environment('live').uuid;
    const { serviceInstances } = place.client();
    const made = await serviceInstances.create({ environment, service: 'postgresql' });
    await expect.poll(() => backing(made.uuid)[1], { ...WITHIN, interval: 5 }).toBe(1);
    await place.installation.signal('SIGKILL');
    await place.installation.start();
    await expect
      .poll(
        async () => (await place.client().serviceInstances.get(made.uuid)).service_status,
        WITHIN,
      )
      .toBe('PROVISIONED');
    expect(backing(made.uuid)).toEqual([1, 1]);
    const known = [...(await instances()), ...(await instances('live'))];
    expect(docker('volume', 'ls', '-q')).toHaveLength(known.length);
  });

  it('a variable of the same name wins, and the log says so', async () => {
    const dsn = 'postgres://nobody@127.0.0.1:1/none';
    await sluice('app', 'env-vars', 'set', `DEFAULT_DATABASE_DSN=${dsn}`, '-e', 'test');
    const log = await deploy('third');
    expect(log).toContain(
      "DEFAULT_DATABASE_DSN is set in the environment's variables: that value is used, not the service's.",
    );
    const [database] = await instances();
    expect(database?.variables).toContainEqual({
      ...{ name: 'DEFAULT_DATABASE_DSN', is_overridden: true },
    });
  });

  it('a removed one is kept for a while and comes back with its data', async () => {
    const page = (await site.page('test')).body;
    const { serviceInstances } = place.client();
    const [database] = await instances();
    await sluice('app', 'service-instances', 'remove', '-s', 'postgresql', '--yes');
    expect(await instances('--removed')).toMatchObject([{ uuid: database?.uuid }]);
    await expect.poll(() => backing(database?.uuid ?? ''), WITHIN).toEqual([0, 1]);
    await sluice('app', 'service-instances', 'restore', database?.uuid ?? '');
    await expect
      .poll(async () => (await serviceInstances.get(database?.uuid ?? '')).service_status, WITHIN)
      .toBe('PROVISIONED');
    expect((await site.page('test')).body).toBe(page);
  });

  it('the real divio client lists and adds services', async () => {
    const divio = await divio4Plain(place);
    const id = ['--remote-id', String(site.application.id)];
    expect(await divio.must('services', 'list', '-r', 'region-self-hosted')).toContain(
      'PostgreSQL',
    );
    const offered = await place.client().services.list();
    const redis = offered.results.find(({ identifier }) => identifier === 'redis');
    await divio.must(
      ...['app', 'service-instances', 'add', 'live', ...id, '-p', 'SESSIONS'],
      ...['-r', 'region-self-hosted', '-s', redis?.uuid ?? ''],
    );
    const listed = await divio.must('app', 'service-instances', 'list', 'live', ...id, '--json');
    expect(JSON.parse(listed)).toMatchObject([{ type: 'DATABASE' }, { prefix: 'SESSIONS' }]);
    expect(await divio.must('app', 'service-instances', 'list', 'test', ...id)).toContain(
      'STORAGE',
    );
  });

  it('with an environment its services go, and can come back elsewhere', async () => {
    const client = place.client();
    await client.environments.remove(site.environment('live').uuid);
    expect(await instances('--removed')).toHaveLength(2);
    await expect.poll(() => docker('ps', '-q').length, WITHIN).toBe(2);
    expect((await site.page('test')).status).toBe(200);
  });
});
