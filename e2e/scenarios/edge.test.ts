import { Agent, get } from 'node:https';
import {
  type Caddy,
  createCaddy,
  createDnsServer,
  createWayTo,
  type DnsServer,
  lacksCaddy,
} from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { divio4 } from '../support/real-divio.ts';
import { createPlace, type Place, type Site, webApplication } from '../support/site.ts';

const HERE = '192.0.2.10';

/** A whole installation behind Debian's Caddy with its internal authority. */
describe.skipIf(lacksCaddy())('behind Caddy', () => {
  let caddy: Caddy;
  let dns: DnsServer;
  let place: Place;
  let site: Site;

  beforeAll(async () => {
    [caddy, dns] = await Promise.all([createCaddy(), createDnsServer()]);
    place = await createPlace({
      flags: [
        ...caddy.flags,
        ...['--edge-zone', 'sluice.example', '--edge-addresses', HERE],
        ...['--edge-resolvers', dns.address],
      ],
    });
    site = await place.createApplication('shop');
    await site.push('first', webApplication('first page'));
    await site.sluice('app', 'deploy', 'live');
  });
  afterAll(async () => {
    await place?.destroy();
    await caddy?.destroy();
    dns?.close();
  });

  /** One request; status 0 where the connection fails. */
  const ask = async (host: string, agent: Agent | false = false) => {
    const ca = await caddy.authority();
    return new Promise<{ status: number; body: string; why: string }>((resolve) => {
      const { httpsPort: port } = caddy;
      const headers = { host: `${host}:${port}` };
      get({ host: '127.0.0.1', port, servername: host, ca, headers, agent }, (answer) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          body += part;
        });
        answer.on('error', (error) => resolve({ status: 0, body: '', why: String(error) }));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body, why: '' }));
      }).on('error', (error) => resolve({ status: 0, body: '', why: String(error) }));
    });
  };

  it('serves an environment over https under its own name', async () => {
    const { url } = site.environment('live');
    expect(url).toBe(`https://live-shop.localhost:${caddy.httpsPort}`);
    expect((await ask('live-shop.localhost')).body).toBe('first page');
  });

  it('tells of a domain what is wrong until it is right', async () => {
    const domain = async () =>
      JSON.parse((await site.sluice('app', 'domains', 'list', '--json')).stdout)[0];
    const added = await site.sluice('app', 'domains', 'add', 'www.example.com', '--primary');
    expect(added.stdout).toContain('www.example.com');
    await expect
      .poll(async () => (await domain()).check?.detail, { timeout: 60_000 })
      .toContain('www.example.com has no address yet');
    expect((await ask('www.example.com')).body).toBe('first page');

    dns.set('www.example.com', ['203.0.113.9']);
    const elsewhere = await site.sluice('app', 'domains', 'check', 'www.example.com');
    expect(elsewhere.code).toBe(1);
    expect(elsewhere.stdout).toContain(`points to 203.0.113.9, which is not here (${HERE})`);

    dns.set('www.example.com', [HERE]);
    const right = await site.sluice('app', 'domains', 'check', 'www.example.com');
    expect(right).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('points here. Its certificate of'),
    });
    const { check } = await domain();
    expect(check).toMatchObject({
      is_right: true,
      points: 'here',
      certificate: 'issued',
      addresses: [HERE],
    });
    expect(Date.parse(check.next_check_at) - Date.parse(check.checked_at)).toBeGreaterThan(
      3_600_000,
    );
    expect((await site.sluice('app', 'domains', 'list')).stdout).toMatch(
      /live +www.example.com +primary +here +20/,
    );
  });

  it('takes the unmodified divio login and deploy of 4.x', async () => {
    const way = await createWayTo(caddy.httpsPort);
    const divio = await divio4(place, { ...way, authority: await caddy.authority() });
    try {
      expect((await divio.run('login', 'wrong')).code).toBe(1);
      expect(await divio.must('login', place.token)).toContain('admin@example.com');
      expect(await divio.must('login', '--check')).toContain('You are logged in as');
      await divio.must('app', 'deploy', 'test', '--remote-id', String(site.application.id));
      expect((await ask('test-shop.localhost')).body).toBe('first page');
    } finally {
      await divio.close();
    }
  });

  it('loses no request while a deployment switches and the server is killed; Caddy gets all again', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const seen: { status: number; body: string; why: string }[] = [];
    let isOver = false;
    const visitors = Array.from({ length: 4 }, async () => {
      while (!isOver) seen.push(await ask('www.example.com', agent));
    });
    await site.push('second', webApplication('second page'));
    const deployed = await site.sluice('app', 'deploy', 'live');
    expect(deployed.code).toBe(0);
    await place.installation.signal('SIGKILL');
    await place.installation.start();
    expect((await ask('www.example.com')).body).toBe('second page');
    isOver = true;
    await Promise.all(visitors);
    agent.destroy();
    expect(seen.filter(({ status }) => status !== 200)).toEqual([]);
    expect(new Set(seen.map(({ body }) => body))).toEqual(new Set(['first page', 'second page']));

    await caddy.kill();
    await caddy.start();
    await expect
      .poll(async () => (await ask('www.example.com').catch(() => null))?.body, { timeout: 60_000 })
      .toBe('second page');
  });
});
