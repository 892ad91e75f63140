import { findPostgres, lacks, type PostgresCluster, startPostgres } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReplica, type Replica } from '../support/replica.ts';
import { createPlace, type Place, type Site, travis, webApplication } from '../support/site.ts';

/**
 * An embedded installation moves to PostgreSQL, and goes on with two servers of which either may be killed at any moment
 * (issue 6, item 4).
 */
const skip = lacks('PostgreSQL (apt-get install postgresql)', (await findPostgres()) !== null);
const within = { timeout: 120_000, interval: 250 };

describe.skipIf(skip)('several servers', () => {
  let cluster: PostgresCluster;
  let place: Place;
  let site: Site;
  let first: string;
  let a: Replica;
  let b: Replica;

  beforeAll(async () => {
    cluster = await startPostgres();
    await cluster.psql('postgres', 'create database sluice');
    place = await createPlace();
    site = await place.createApplication('shared');
    first = await site.push('first', { ...travis('true'), ...webApplication('first') });
    await place.installation.must(['app', 'deploy', '--remote-id', String(site.application.id)]);
    await place.installation.signal('SIGTERM');
    const flags = ['--database-url', cluster.url('sluice'), '--lease-seconds', '5'];
    a = createReplica(place.installation.dataDir, flags);
    b = createReplica(place.installation.dataDir, flags);
  });
  afterAll(async () => {
    await Promise.all([a?.stop(), b?.stop()]);
    await place?.destroy();
    await cluster?.destroy();
  });

  const migrate = (...more: string[]) => {
    const { dataDir } = place.installation;
    const words = ['admin', 'migrate-store', '--data', dataDir, '--to', cluster.url('sluice')];
    return place.installation.sluice([...words, ...more]);
  };
  const pushTo = async (server: Replica, text: string): Promise<string> => {
    const remote = new URL(site.application.git_url);
    remote.host = new URL(server.url()).host;
    remote.username = 'admin@example.com';
    remote.password = place.token;
    await site.repository.git('remote', 'set-url', 'origin', remote.toString());
    return site.push(text, {
      ...webApplication(text, 'time.sleep(0.5)'),
      Procfile: 'release: sleep 1\nweb: python3 app.py\n',
    });
  };

  it('moves the rows, all of them, and only once', async () => {
    const moved = await migrate('--json');
    expect(moved.code, moved.stderr).toBe(0);
    const tables: { name: string; rows: number }[] = JSON.parse(moved.stdout);
    const rowsOf = (name: string) => tables.find((table) => table.name === name)?.rows;
    expect(rowsOf('deployments')).toBe(1);
    expect(rowsOf('builds')).toBe(1);
    expect(await cluster.psql('sluice', 'select count(*) from deployment_events')).toBe(
      String(rowsOf('deployment_events')),
    );
    const again = await migrate();
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('is not empty');
    // The rows of yesterday are not taken for those of today.
    const embedded = createReplica(place.installation.dataDir, []);
    await expect(embedded.start()).rejects.toThrow('were moved to PostgreSQL');
    const backup = await place.installation.sluice([
      ...['admin', 'backup', '--data', place.installation.dataDir],
    ]);
    expect(backup.stderr).toContain('were moved to PostgreSQL');
    expect((await site.page('test')).commit).toBe(first);
  });

  it('two servers start on it, and nobody moves what they work on', async () => {
    await Promise.all([a.start(), b.start()]);
    for (const server of [a, b]) {
      const { results } = await server.client(place.token).applications.list();
      expect(results.map(({ slug }) => slug)).toEqual(['shared']);
    }
    const down = ['admin', 'migrate-store', '--data', place.installation.dataDir, '--to'];
    const busy = await place.installation.sluice([...down, cluster.url('postgres')]);
    expect(busy.stderr).toContain('already works on');
    expect((await site.page('test')).commit).toBe(first);
  });

  it('who watches one server sees what the other does', async () => {
    const heard: string[] = [];
    const gone = new AbortController();
    const stream = await fetch(new URL('/events/v3/', b.url()), {
      headers: { authorization: `Token ${place.token}` },
      signal: gone.signal,
    });
    expect(stream.status).toBe(200);
    const listening = (async () => {
      for await (const chunk of stream.body ?? []) heard.push(Buffer.from(chunk).toString());
    })().catch(() => undefined);
    const sha = await pushTo(a, 'second');
    const environment = site.environment('test').uuid;
    const { uuid } = await a.client(place.token).deployments.create({ environment, commit: sha });
    await expect.poll(() => heard.join(''), within).toContain(uuid);
    await expect.poll(async () => (await site.page('test')).commit, within).toBe(sha);
    gone.abort();
    await listening;
  });

  it.each([
    ['a', 'AWAITING_BUILD'],
    ['b', 'PROVISIONING'],
    ['a', 'RELEASING'],
    ['b', 'RELEASING'],
    ['a', 'CHECKING'],
  ])('server %s is killed at %s: the other one finishes', async (which, status) => {
    const [victim, survivor] = which === 'a' ? [a, b] : [b, a];
    const sha = await pushTo(victim, `killed ${which} at ${status}`);
    const environment = site.environment('test').uuid;
    const before = victim.client(place.token);
    const { uuid } = await before.deployments.create({ environment, commit: sha });
    const order = ['AWAITING_BUILD', 'QUEUED', 'PROVISIONING', 'BUILDING', 'RELEASING', 'SCALING'];
    order.push('CHECKING', 'FINALIZING', 'SUCCEEDED');
    for (;;) {
      const { status: now } = await before.deployments.get(uuid);
      if (order.indexOf(now) >= order.indexOf(status)) break;
      await new Promise((done) => setTimeout(done, 10));
    }
    await victim.kill();
    expect((await site.page('test')).status).toBe(200);
    const after = survivor.client(place.token);
    await expect
      .poll(async () => (await after.deployments.get(uuid)).ended_at, within)
      .not.toBeNull();
    const ended = await after.deployments.get(uuid);
    expect(ended.status, survivor.output()).toBe('SUCCEEDED');
    expect((await site.page('test')).commit).toBe(sha);
    await victim.start();
  });

  it('nothing is lost: every deployment ended, and went live', async () => {
    const open = await cluster.psql(
      'sluice',
      'select count(*) from deployments where ended_at is null',
    );
    expect(open).toBe('0');
    const states = await cluster.psql('sluice', 'select distinct status from deployments');
    expect(states).toBe('SUCCEEDED');
    expect(await a.stop()).toBe(0);
    expect((await site.page('test')).status).toBe(200);
  });
});
