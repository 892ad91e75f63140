import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findPostgres, lacks, type PostgresCluster, startPostgres } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReplica, type Replica } from '../support/replica.ts';
import { createPlace, type Place } from '../support/site.ts';

/**
 * Storms (spec/ordering.md 7) against two servers on one PostgreSQL, both of which are killed and started again at random
 * moments, now one, now the other, now both: every promise is kept.
 */
const skip = lacks('PostgreSQL (apt-get install postgresql)', (await findPostgres()) !== null);
const root = join(import.meta.dirname, '../..');
const SEEDS = process.env['SLUICE_TEST_REQUIRE'] === 'all' ? '201..204' : '201..203';
/** Only for a hang: storms wait as long as something moves. */
const LONG_MS = 2_400_000;
const LIFE_MS = { least: 2_000, more: 5_000 };

describe.skipIf(skip)('two servers in storms', () => {
  let cluster: PostgresCluster;
  let place: Place;
  let other: Replica;

  beforeAll(async () => {
    cluster = await startPostgres();
    await cluster.psql('postgres', 'create database sluice');
    place = await createPlace({ environment: { SLUICE_DATABASE_URL: cluster.url('sluice') } });
    await place.installation.signal('SIGTERM');
    other = createReplica(place.installation.dataDir, [
      ...['--database-url', cluster.url('sluice'), '--lease-seconds', '5'],
    ]);
  }, LONG_MS);
  afterAll(async () => {
    await other?.stop();
    await place?.destroy();
    await cluster?.destroy();
  });

  it(
    `seeds ${SEEDS}, while both are killed again and again: every promise is kept`,
    async () => {
      await other.start();
      const ended = new AbortController();
      let kills = 0;
      const killing = (async () => {
        while (!ended.signal.aborted) {
          const life = LIFE_MS.least + Math.random() * LIFE_MS.more;
          await pause(life, undefined, { signal: ended.signal }).catch(() => undefined);
          if (ended.signal.aborted) return;
          await other.kill();
          await other.start();
          kills += 1;
        }
      })();
      const { dataDir } = place.installation;
      const server = [join(root, 'script/server'), '--data', dataDir, '--port', '0'];
      const told = await place.installation.sluice(
        [
          ...['simulate', '--seeds', SEEDS, '--small', '--parallel', '6', '--json'],
          ...['--shrink-seconds', '0'],
          ...['--server', [...server, '--lease-seconds', '5'].join(' ')],
        ],
        { environment: { SLUICE_TOKEN: place.token } },
      );
      ended.abort();
      await killing;
      expect(told.code, `${told.stdout}\n${told.stderr}\n${other.output()}`).toBe(0);
      const seen = JSON.parse(told.stdout);
      expect(seen.kills).toBeGreaterThan(0);
      expect(kills).toBeGreaterThan(0);
      expect(seen.totals.struck).toBeGreaterThan(0);
      const open = 'select count(*) from deployments where ended_at is null';
      expect(await cluster.psql('sluice', open)).toBe('0');
    },
    LONG_MS,
  );
});
