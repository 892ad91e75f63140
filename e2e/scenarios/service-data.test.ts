import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backup } from '@sluice/contract';
import { findProgram, lacks } from '@sluice/testing';
import { lacksDocker } from '@sluice/testing/docker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalProject, type LocalProject } from '../support/local-project.ts';
import { divio3, divio4Plain, type RealDivio } from '../support/real-divio.ts';
import { createStockedSite, type StockedSite } from '../support/stocked-site.ts';

const WITHIN = { timeout: 180_000, interval: 500 };

/** What services hold: kept, lost and brought back, copied, and on a developer's own machine (issue 6, point 3). */
describe.skipIf(lacksDocker())('the data of backing services', () => {
  let stocked: StockedSite;
  let sluice: StockedSite['sluice'];

  beforeAll(async () => {
    stocked = await createStockedSite();
    ({ sluice } = stocked);
    for (const environment of ['test', 'live']) {
      for (const service of ['postgresql', 'storage']) {
        await sluice('app', 'service-instances', 'add', environment, '-s', service);
      }
    }
    await stocked.deploy('first');
    await sluice('app', 'deploy', 'live');
    await stocked.site.page('test', '/store');
  });
  afterAll(() => stocked?.destroy());

  const page = async (environment: string, path = '/') =>
    (await stocked.site.page(environment, path)).body;
  const lose = async () => {
    expect(await page('test', '/lose')).toContain('relation "notes" does not exist');
  };
  const backups = async (): Promise<Backup[]> =>
    JSON.parse(await sluice('app', 'backups', 'list', 'test', '--json'));

  it('lost data come back from a backup, also from its files, and go to another environment', async () => {
    // Comes due while the rest goes on.
    const due = new Date(Date.now() + 90_000);
    const daily = `${due.getUTCMinutes()} ${due.getUTCHours()} * * *`;
    await sluice('app', 'backups', 'schedule', 'test', '--cron', daily, '--keep', '2');
    expect(await page('test')).toBe('first kept');
    const made: Backup = JSON.parse(await sluice('app', 'backups', 'create', 'test', '--json'));
    expect(made).toMatchObject({ success: 'SUCCESS', trigger: 'MANUAL' });

    await lose();
    await sluice('app', 'backups', 'restore', made.uuid, '--yes');
    expect(await page('test')).toBe('first kept');

    const fetched: { path: string; bytes: number }[] = JSON.parse(
      await sluice('app', 'backups', 'download', made.uuid, '--json'),
    );
    await sluice('app', 'backups', 'remove', made.uuid, '--yes');
    await lose();
    for (const { path } of fetched) {
      const type = path.includes('storage') ? 'STORAGE' : 'DATABASE';
      const brought: Backup = JSON.parse(
        await sluice('app', 'backups', 'upload', path, 'test', '--type', type, '--json'),
      );
      await sluice('app', 'backups', 'restore', brought.uuid, '--yes');
    }
    expect(await page('test')).toBe('first kept');

    expect(await page('live')).toBe('first');
    await sluice('app', 'backups', 'copy', 'test', 'live', '--yes');
    expect(await page('live')).toBe('first kept');
  });

  describe.skipIf(
    lacks('no docker-compose (Debian: apt-get install docker-compose)', hasCompose()),
  )('the real divio client', () => {
    const clients: { divio: RealDivio; project: LocalProject }[] = [];

    const clientOf = async (divio: RealDivio) => {
      const project = await createLocalProject(divio, stocked.site.application, stocked.image);
      clients.push({ divio, project });
      return { divio, project };
    };
    afterAll(async () => {
      for (const { divio, project } of clients) {
        await project.destroy();
        await divio.close();
      }
    });

    const pullsAndPushes = async (
      { divio, project }: (typeof clients)[number],
      environment: string,
    ): Promise<void> => {
      await divio.must('app', 'pull', 'db', environment);
      expect(await project.sql('select note from notes order by id')).toBe('first');
      await divio.must('app', 'pull', 'media', environment);
      const media = join(project.directory, 'data/media');
      expect(await readFile(join(media, 'stored'), 'utf8')).toBe('kept');

      const note = `by ${divio.name}`;
      await project.sql(`insert into notes (id, note) values (100, '${note}')`);
      await divio.must('app', 'push', 'db', environment, '--noinput');
      await writeFile(join(media, 'stored'), note);
      await mkdir(join(media, 'deep'));
      await writeFile(join(media, 'deep/file'), '');
      await divio.must('app', 'push', 'media', environment, '--noinput');
      expect(await page(environment)).toBe(`first ${note} ${note}`);
      await access(media);
    };

    it('of 3.x and of 4.x pulls and pushes the database and the storage', async () => {
      const old = await divio3(stocked.place);
      await old.must('login', stocked.place.token);
      // Side by side: each sleeps for most of its time.
      const both = [
        pullsAndPushes(await clientOf(old), 'test'),
        pullsAndPushes(await clientOf(await divio4Plain(stocked.place)), 'live'),
      ];
      for (const ended of await Promise.allSettled(both)) {
        if (ended.status === 'rejected') throw ended.reason;
      }
    });

    it('of 3.x says why nothing was pushed or pulled', async () => {
      const { divio, project } = clients.find(({ divio: { name } }) => name === 'divio3') ?? {};
      if (divio === undefined || project === undefined) throw new Error('there is none');
      const before = await page('test');
      await writeFile(join(project.directory, 'bad.sql'), 'no dump at all');
      const pushed = await divio.run('app', 'push', 'db', '--noinput', '-d', 'bad.sql');
      expect(pushed.code).toBe(1);
      expect(pushed.stdout + pushed.stderr).toContain('no dump of a PostgreSQL database');
      const pulled = await divio.run('app', 'pull', 'db', 'test', 'OTHER');
      expect(pulled.code).toBe(1);
      expect(await page('test')).toBe(before);
    });
  });

  it('a backup comes by the clock, by itself', async () => {
    const scheduled = async () => (await backups()).find(({ trigger }) => trigger === 'SCHEDULED');
    await expect.poll(async () => (await scheduled())?.success, WITHIN).toBe('SUCCESS');
    expect((await scheduled())?.parts.map(({ kind }) => kind).sort()).toEqual([
      ...['postgresql', 'storage'],
    ]);
  });
});

function hasCompose(): boolean {
  return findProgram('docker-compose') !== null;
}
