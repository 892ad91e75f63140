import { findPostgres, lacks, type PostgresCluster, startPostgres } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPlace, type Place, type Site, webApplication } from '../support/site.ts';

/** PostgreSQL is restarted under a server that works: requests are refused with a reason, and nothing is lost. */
const skip = lacks('PostgreSQL (apt-get install postgresql)', (await findPostgres()) !== null);
/** Only for a hang: a busy machine may take its time. */
const LONG_MS = 1_200_000;
const within = { timeout: 300_000, interval: 250 };

describe.skipIf(skip)('PostgreSQL goes away under a server, and comes back', () => {
  let cluster: PostgresCluster;
  let place: Place;
  let site: Site;
  let first: string;

  beforeAll(async () => {
    cluster = await startPostgres();
    await cluster.psql('postgres', 'create database sluice');
    place = await createPlace({ environment: { SLUICE_DATABASE_URL: cluster.url('sluice') } });
    site = await place.createApplication('steady');
    first = await push('first', 'sleep 0');
    await site.until(first, 'test', (state) => state === 'live', 180_000);
  }, LONG_MS);
  afterAll(async () => {
    await place?.destroy();
    await cluster?.destroy();
  });

  /** A commit that deploys itself, with this release command. */
  const push = (text: string, release: string) =>
    site.push(text, {
      '.travis.yml':
        'language: generic\nscript: "true"\ndeploy: { provider: sluice, environment: test }\n',
      ...webApplication(text),
      Procfile: `release: ${release}\nweb: python3 app.py\n`,
    });
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, place.installation.url()), {
      ...init,
      headers: { authorization: `Token ${place.token}`, 'content-type': 'application/json' },
    });
  const statusOf = async (commit: string) => {
    const { results } = await place.client().deployments.list({
      environment: site.environment('test').uuid,
    });
    return results.find((one) => one.commit === commit)?.status ?? null;
  };

  it('in the middle of a deployment: 503 with a reason, the application goes on, the deployment ends well', {
    timeout: LONG_MS,
  }, async () => {
    const heard = await listen();
    const second = await push('second', 'sleep 3');
    await expect.poll(() => statusOf(second), { timeout: 300_000, interval: 20 }).toBe('RELEASING');
    await cluster.kill();

    const refused = await ask('/apps/v3/deployments/');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('x-sluice-reason')).toBe('database_away');
    expect(await refused.json()).toEqual({
      detail: 'The database does not answer. Try again in a moment.',
    });
    expect((await ask('/healthz')).status).toBe(200);
    expect((await ask('/readyz')).status).toBe(503);
    expect((await site.page('test')).commit).toBe(first);
    await expect(site.push('refused', { 'NOTES.txt': 'x' })).rejects.toThrow();

    await cluster.start();
    await expect.poll(async () => (await site.page('test')).commit, within).toBe(second);
    await expect.poll(() => statusOf(second), within).toBe('SUCCEEDED');
    // The same stream, never made again: it was told that something may have been missed, and hears what comes now.
    const uuid = await newest();
    await expect.poll(() => heard.text(), within).toContain(uuid);
    heard.close();
  });

  it('no connection was lost with it, and the next commit goes its way', {
    timeout: LONG_MS,
  }, async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, async () => (await ask('/apps/v3/deployments/')).status),
    );
    expect(new Set(answers)).toEqual(new Set([200]));
    const third = await push('third', 'sleep 0');
    await expect.poll(() => statusOf(third), within).toBe('SUCCEEDED');
    expect(await cluster.psql('sluice', 'select distinct status from deployments')).toBe(
      'SUCCEEDED',
    );
  });

  it('takes no changes for a while: they are refused with a reason, pages are shown', {
    timeout: LONG_MS,
  }, async () => {
    await cluster.psql('postgres', "alter system set default_transaction_read_only = 'on'");
    await cluster.psql('postgres', 'select pg_reload_conf()');
    const environment = site.environment('test').uuid;
    const change = () =>
      ask('/apps/v3/environment-variables/', {
        method: 'POST',
        body: JSON.stringify({ environment, name: `N${Date.now()}`, value: '1' }),
      });
    await expect
      .poll(async () => (await change()).headers.get('x-sluice-reason'), within)
      .toBe('database_read_only');
    expect((await ask('/apps/v3/deployments/')).status).toBe(200);
    await cluster.psql('postgres', 'alter system reset default_transaction_read_only');
    await cluster.psql('postgres', 'select pg_reload_conf()');
    await expect.poll(async () => (await change()).status, within).toBe(201);
  });

  async function newest(): Promise<string> {
    const environment = site.environment('test').uuid;
    const { results } = await place.client().deployments.list({ environment });
    return results[0]?.uuid ?? 'none';
  }

  async function listen(): Promise<{ text(): string; close(): void }> {
    const gone = new AbortController();
    const stream = await fetch(new URL('/events/v3/', place.installation.url()), {
      headers: { authorization: `Token ${place.token}` },
      signal: gone.signal,
    });
    let text = '';
    void (async () => {
      for await (const chunk of stream.body ?? []) text += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    return { text: () => text, close: () => gone.abort() };
  }
});
