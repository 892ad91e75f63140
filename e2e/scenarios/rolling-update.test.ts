import { rmSync } from 'node:fs';
import { findPostgres, lacks, type PostgresCluster, startPostgres } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkOutPrevious, isInHistory } from '../support/previous.ts';
import { createReplica, type Replica } from '../support/replica.ts';
import { createPlace, type Place, type Site, webApplication } from '../support/site.ts';

/** The version before this one, which knew PostgreSQL already. */
const PREVIOUS = '278cf1bf46b865de99a921e49a4f8464b0656576';
const skip =
  lacks('PostgreSQL (apt-get install postgresql)', (await findPostgres()) !== null) ||
  !isInHistory(PREVIOUS);
/** Only for a hang: a busy machine may take its time. */
const LONG_MS = 1_200_000;
const within = { timeout: 300_000, interval: 250 };

describe.skipIf(skip)('servers of one PostgreSQL are updated one after the other', () => {
  let directory = '';
  let cluster: PostgresCluster;
  let place: Place;
  let site: Site;
  let news: Replica[] = [];

  beforeAll(async () => {
    cluster = await startPostgres();
    await cluster.psql('postgres', 'create database sluice');
    const previous = checkOutPrevious(PREVIOUS);
    directory = previous.directory;
    place = await createPlace({
      commands: previous.commands,
      environment: { SLUICE_DATABASE_URL: cluster.url('sluice') },
    });
    site = await place.createApplication('rolling');
    news = [1, 2].map(() =>
      createReplica(place.installation.dataDir, ['--database-url', cluster.url('sluice')]),
    );
  }, LONG_MS);
  afterAll(async () => {
    await Promise.all(news.map((server) => server.stop()));
    await place?.destroy();
    await cluster?.destroy();
    rmSync(directory, { recursive: true, force: true });
  });

  const migrations = async () =>
    (await cluster.psql('sluice', 'select name from kysely_migration order by name')).split('\n');
  /** Through this server; live through whichever takes it. */
  const goesLive = async (text: string, url: string) => {
    const remote = new URL(site.application.git_url);
    remote.host = new URL(url).host;
    remote.username = 'admin@example.com';
    remote.password = place.token;
    await site.repository.git('remote', 'set-url', 'origin', remote.toString());
    const commit = await site.push(text, {
      '.travis.yml':
        'language: generic\nscript: "true"\ndeploy: { provider: sluice, environment: test }\n',
      ...webApplication(text),
    });
    await expect.poll(async () => (await site.page('test')).commit, within).toBe(commit);
  };

  test('two new ones that start at once migrate it once, and the old one goes on meanwhile and starts again', {
    timeout: LONG_MS,
  }, async () => {
    const { installation } = place;
    const pages: string[] = [];
    await goesLive('before', installation.url());
    const asking = setInterval(async () => {
      const { status, body } = await site.page('test');
      pages.push(status === 200 ? 'fine' : `${status} ${body}`);
    }, 100);
    const before = await migrations();
    await Promise.all(news.map((server) => server.start()));
    const after = await migrations();
    expect(before.every((name) => after.includes(name))).toBe(true);
    expect(new Set(after).size).toBe(after.length);
    await goesLive('by the old server', installation.url());
    for (const server of news) await goesLive(`by ${server.url()}`, server.url());

    await installation.signal('SIGKILL');
    await installation.start();
    await goesLive('by the old server, started again', installation.url());
    await installation.signal('SIGTERM');
    const [first] = news;
    await goesLive('after the update', first?.url() ?? '');
    clearInterval(asking);
    expect(pages.length).toBeGreaterThan(10);
    expect(pages.filter((page) => page !== 'fine')).toEqual([]);
    const states = () => cluster.psql('sluice', 'select distinct status from deployments');
    await expect.poll(states, within).toBe('SUCCEEDED');
  });
});
