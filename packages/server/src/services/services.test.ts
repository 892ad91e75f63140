import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lacksDocker } from '@sluice/testing/docker';
import { dockerServiceImages } from '@sluice/testing/docker-service-images';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ServiceInstance } from './index.ts';
import { createServicesKit, type ServicesKit } from './test/kit.ts';

const WITHIN = { timeout: 120_000, interval: 200 };
const DAY_MS = 24 * 60 * 60_000;

describe.skipIf(lacksDocker())('services on a Docker Engine', () => {
  let images: { postgresql: string; redis: string };
  let kit: ServicesKit;

  beforeAll(async () => {
    images = await dockerServiceImages();
    kit = await createServicesKit(images);
  });
  afterEach(async () => {
    expect(kit.errors).toEqual([]);
  });
  afterAll(() => kit?.destroy());

  const sql = (statement: string) =>
    kit.run(kit.test.uuid, images.postgresql, `psql "$DATABASE_URL" -Atc "${statement}"`);
  const state = async ({ uuid }: ServiceInstance) => (await kit.services.get(uuid))?.state;

  test('PostgreSQL: an application reaches it by its DSN, and its data outlive the container', async () => {
    const database = await kit.add('postgresql');
    expect(database).toMatchObject({ state: 'provisioning', prefix: 'DEFAULT' });
    expect(await kit.attach()).toEqual([
      expect.stringMatching(/^PostgreSQL DEFAULT is reachable \(/),
    ]);
    expect(await state(database)).toBe('ready');
    expect(
      await sql('create table t (x int); insert into t values (7); select x from t'),
    ).toContain('7');
    const { variables, secrets } = await kit.services.injected(kit.test.uuid);
    expect(Object.keys(variables).sort()).toEqual(['DATABASE_URL', 'DEFAULT_DATABASE_DSN']);
    expect(variables['DATABASE_URL']).toContain(secrets[0]);

    // Somebody's hand; the next deployment brings it back.
    const [container] = await kit.containers();
    await kit.docker.getContainer(container?.Id ?? '').remove({ force: true });
    await kit.attach();
    expect(await sql('select x from t')).toBe('7');
  });

  test('its container gives up all rights but those it starts with, and is on one network', async () => {
    const [found] = await kit.containers();
    const { HostConfig, NetworkSettings } = await kit.docker
      .getContainer(found?.Id ?? '')
      .inspect();
    expect(HostConfig).toMatchObject({
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: 512,
      RestartPolicy: { Name: 'unless-stopped' },
    });
    expect(HostConfig.PortBindings ?? {}).toEqual({});
    expect(Object.keys(NetworkSettings.Networks)).toEqual([kit.names.network(kit.test.uuid)]);
  });

  test('Redis keeps what was written over a stop of its container', async () => {
    await kit.add('redis', 'sessions');
    await kit.attach();
    const redis = (command: string) =>
      kit.run(
        kit.test.uuid,
        images.redis,
        `redis-cli --no-auth-warning -u "$SESSIONS_REDIS_URL" ${command}`,
      );
    expect(await redis('set colour blue')).toBe('OK');
    const found = (await kit.containers()).find(({ Image }) => Image === images.redis);
    await kit.docker.getContainer(found?.Id ?? '').stop();
    await kit.attach();
    expect(await redis('get colour')).toBe('blue');
    const denied = await kit.run(kit.test.uuid, images.redis, 'redis-cli -h cache-sessions ping');
    expect(denied).toContain('NOAUTH');
  });

  test('storage is a directory that even a user without rights may write to', async () => {
    await kit.add('storage');
    await kit.attach();
    const { variables } = await kit.services.injected(kit.test.uuid);
    expect(variables['DEFAULT_STORAGE_DSN']).toBe('file:///data/media/?url=%2Fmedia%2F');
    const write =
      'setpriv --reuid=1234 --regid=1234 --clear-groups sh -c "echo kept > /data/media/f"';
    expect(await kit.run(kit.test.uuid, images.redis, write)).toBe('');
    expect(await kit.run(kit.test.uuid, images.redis, 'cat /data/media/f')).toBe('kept');
  });

  test('another environment has other data, and neither name nor address leads across', async () => {
    await kit.add('postgresql', '', kit.live.uuid);
    await kit.attach(kit.live.uuid);
    const inLive = (command: string) => kit.run(kit.live.uuid, images.postgresql, command);
    expect(await inLive('psql "$DATABASE_URL" -Atc "select x from t"')).toContain('does not exist');
    const addresses = (await kit.containers())
      .filter(({ Labels }) => Labels['sluice.environment'] === kit.test.uuid)
      .flatMap(({ NetworkSettings }) => Object.values(NetworkSettings.Networks))
      .map(({ IPAddress }) => IPAddress);
    expect(addresses.length).toBeGreaterThan(1);
    for (const address of addresses) {
      const knock = `timeout 3 bash -c 'exec 3<>/dev/tcp/${address}/5432' && echo open || echo shut`;
      expect(await inLive(knock)).toMatch(/shut$/);
    }
    expect(await inLive('getent hosts cache-sessions || echo unknown')).toBe('unknown');
  });

  test('a removed service comes back with its data, also into another environment, until its days are over', async () => {
    const [database] = await kit.services.list({ environmentUuids: [kit.test.uuid] });
    if (database === undefined) throw new Error('no database');
    kit.services.start();
    const removed = await kit.services.remove(database.uuid, 'test');
    expect(kit.services.keptUntil(removed)).not.toBeNull();
    await expect
      .poll(
        async () =>
          (await kit.containers()).filter(({ Names }) => Names[0]?.includes(database.uuid)),
        WITHIN,
      )
      .toEqual([]);
    await expect(kit.services.restore(database.uuid, kit.live.uuid)).rejects.toThrow('already');
    const copy = await kit.applications.createEnvironment(kit.application, { slug: 'rescue' });
    await kit.services.restore(database.uuid, copy.uuid);
    await kit.attach(copy.uuid);
    expect(
      await kit.run(copy.uuid, images.postgresql, 'psql "$DATABASE_URL" -Atc "select x from t"'),
    ).toBe('7');

    await kit.applications.removeEnvironment(copy.uuid);
    await kit.services.environmentRemoved(copy.uuid, 'test');
    await kit.services.purge();
    expect(await kit.volumes()).toHaveLength(4);
    kit.clock.now = () => new Date(Date.now() + 8 * DAY_MS);
    await kit.services.purge();
    kit.clock.now = () => new Date();
    expect(await kit.services.get(database.uuid)).toBeNull();
    expect(await kit.volumes()).toHaveLength(3);
  });

  test('without a deployment too: what is killed comes back, what nobody knows goes', async () => {
    const [first] = await kit.containers();
    await kit.docker.getContainer(first?.Id ?? '').remove({ force: true });
    const before = (await kit.containers()).length;
    await expect
      .poll(
        async () => (await kit.containers()).filter((one) => one.State === 'running').length,
        WITHIN,
      )
      .toBe(before + 1);
  });

  test('a database that was killed in its first start is made anew, and nothing of the half is left', async () => {
    const made = await kit.add('postgresql', 'HALF', kit.live.uuid);
    const volume = async () =>
      kit.docker
        .getVolume(kit.names.backing(made.uuid))
        .inspect()
        .catch(() => null);
    const firstFile = async () => join((await volume())?.Mountpoint ?? '', 'pgdata/PG_VERSION');
    const attached = kit.attach(kit.live.uuid);
    await expect
      .poll(async () => existsSync(await firstFile()), { timeout: 120_000, interval: 1 })
      .toBe(true);
    const mark = `${await firstFile()}.half`;
    writeFileSync(mark, '');
    const { State } = await kit.docker.getContainer(kit.names.backing(made.uuid)).inspect();
    process.kill(State.Pid, 'SIGKILL');
    expect(await attached).toContainEqual(expect.stringContaining('PostgreSQL HALF is reachable'));
    expect(existsSync(mark)).toBe(false);
    const answer = 'psql "$HALF_DATABASE_DSN" -Atc "select 7"';
    expect(await kit.run(kit.live.uuid, images.postgresql, answer)).toBe('7');

    // From now on there are data: it is started again over them.
    const keeps = 'psql "$HALF_DATABASE_DSN" -qAtc "create table kept (x int)"';
    await kit.run(kit.live.uuid, images.postgresql, keeps);
    await kit.docker.getContainer(kit.names.backing(made.uuid)).remove({ force: true });
    await kit.attach(kit.live.uuid);
    const asks = 'psql "$HALF_DATABASE_DSN" -Atc "select count(*) from kept"';
    expect(await kit.run(kit.live.uuid, images.postgresql, asks)).toBe('0');
  });

  test('an image that cannot be had and a program that does not answer fail with the reason', async () => {
    const other = await createServicesKit({
      postgresql: 'localhost:1/none:1',
      redis: images.redis,
    });
    try {
      const database = await other.add('postgresql');
      await expect(other.attach()).rejects.toThrow(
        /^Service PostgreSQL DEFAULT is not reachable.*image localhost:1\/none:1 is not on the Docker Engine/,
      );
      expect((await other.services.get(database.uuid))?.problem).toMatch(/cannot be pulled/);
    } finally {
      await other.destroy();
    }
  });

  test('an engine that is away is told of, by whoever deploys and by the service itself', async () => {
    const other = await createServicesKit(images, {
      engine: 'unix:///nonexistent/docker.sock',
      engineWaitMs: 100,
    });
    try {
      const database = await other.add('postgresql');
      await expect(other.attach()).rejects.toThrow(/nonexistent\/docker.sock does not answer/);
      expect(await other.services.get(database.uuid)).toMatchObject({
        ...{ state: 'provisioning', problem: expect.stringContaining('does not answer') },
      });
    } finally {
      await other.destroy();
    }
  });
});
