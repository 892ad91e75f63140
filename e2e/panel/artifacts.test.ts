import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lacksS3Server, type S3Server, startS3Server } from '@sluice/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  accessibilityProblems,
  lacksChromium,
  openBrowser,
  signIn,
  type TestBrowser,
} from '../support/browser.ts';
import { createReplica } from '../support/replica.ts';
import { type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { ADMIN, createPlace, type Place, type Site } from '../support/site.ts';

/**
 * A job on another machine leaves files, kept in a bucket with its log: seen in the panel and from the command line, through a crash
 * of the server, and again once all is moved back into the data directory (issue 6, item 5).
 */
describe.skipIf(lacksChromium() || lacksS3Server())('artifacts and logs in a bucket', () => {
  let storage: S3Server;
  let place: Place;
  let site: Site;
  let browser: TestBrowser;
  let page: Page;
  let runner: RunnerProcess;
  let downloads: string;
  let job = 0;
  const within = { timeout: 120_000, interval: 250 };

  beforeAll(async () => {
    storage = await startS3Server();
    downloads = await mkdtemp(join(tmpdir(), 'sluice-downloads-'));
    place = await createPlace({
      flags: ['--runner-concurrency', '0'],
      environment: storage.environment,
    });
    const { token } = await place.client().runnerTokens.create({
      ...{ name: 'annex', reusable: false, expires_in_hours: 1 },
    });
    runner = await startRunner(place.installation.url(), token, ['--name', 'annex']);
    site = await place.createApplication('shop');
    browser = await openBrowser(place.installation.url());
    page = await browser.page();
    await signIn(page, ADMIN.email, ADMIN.password);
  });
  afterAll(async () => {
    await runner?.destroy();
    await browser?.close();
    await place?.destroy();
    await storage?.destroy();
    if (downloads !== undefined) await rm(downloads, { recursive: true, force: true });
  });

  const sluice = (...words: string[]) => place.installation.must(['ci', 'artifacts', ...words]);

  test('a job of another machine leaves files, also when it fails, and the panel shows them', async () => {
    await site.push('first', {
      '.travis.yml': `language: generic
addons: {artifacts: {paths: [out]}}
script:
  - mkdir out; echo 'all is well' >out/report.txt; echo '<script>document.title = "taken over"</script>' >out/page.html
  - head -c 9000000 /dev/urandom >out/large.bin; sha256sum out/large.bin
  - "false"
`,
    });
    const built = async () => {
      const { results } = await place.client().builds.list({ application: site.application.uuid });
      return results[0] === undefined ? null : place.client().builds.get(results[0].id);
    };
    await expect.poll(async () => (await built())?.state, within).toBe('failed');
    job = (await built())?.jobs[0]?.id ?? 0;

    await page.goto(`/jobs/${job}`);
    const files = page.getByRole('region', { name: 'Files that this job has left' });
    await files.getByText('out/large.bin').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    const opened = page.context().waitForEvent('page');
    await files.getByRole('link', { name: 'out/page.html', exact: true }).click();
    const view = await opened;
    await view.getByText('<script>').waitFor();
    expect(await view.title()).not.toContain('taken over');
    await view.close();
    const saved = page.waitForEvent('download');
    await files.getByRole('link', { name: 'Download out/report.txt' }).click();
    const download = await saved;
    expect(download.suggestedFilename()).toBe('report.txt');
    expect(await readFile(await download.path(), 'utf8')).toBe('all is well\n');
  });

  test('the command line lists and downloads them, compared, and never over other files', async () => {
    const listed = JSON.parse(await sluice('list', String(job), '--json'));
    expect(listed.map(({ path }: { path: string }) => path)).toEqual([
      ...['out/large.bin', 'out/page.html', 'out/report.txt'],
    ]);
    await sluice('download', String(job), '--to', downloads);
    expect(await readFile(join(downloads, 'out/report.txt'), 'utf8')).toBe('all is well\n');
    expect((await readdir(join(downloads, 'out'))).sort()).toEqual([
      ...['large.bin', 'page.html', 'report.txt'],
    ]);
    const words = ['ci', 'artifacts', 'download', `${place.installation.url()}/jobs/${job}`];
    const again = await place.installation.sluice([...words, 'out/*.txt', '--to', downloads]);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('--force')]);
    const none = await place.installation.sluice([...words, 'nothing']);
    expect(none.code).toBe(4);
  });

  test('all of it is in the bucket: a server without those directories shows it', async () => {
    const { dataDir } = place.installation;
    const log = async () =>
      (await place.client().jobs.log(job, { offset: 0, waitSeconds: 0 })).text;
    const before = await log();
    expect(before).toContain('Kept 3 artifacts');
    await place.installation.signal('SIGKILL');
    for (const name of ['logs', 'caches', 'artifacts', 'incoming', 'unsent']) {
      await rm(join(dataDir, name), { recursive: true, force: true });
    }
    await place.installation.start();
    expect(await log()).toBe(before);
    await sluice('download', String(job), '--to', join(downloads, 'again'));
    expect(await readFile(join(downloads, 'again/out/report.txt'), 'utf8')).toBe('all is well\n');
  });

  test('wrong credentials end the start with the setting that is wrong', async () => {
    await place.installation.signal('SIGTERM');
    const { dataDir } = place.installation;
    const wrong = createReplica(dataDir, [
      ...['--blobs', 's3', '--s3-endpoint', storage.endpoint, '--s3-bucket', storage.bucket],
      ...['--s3-access-key', storage.accessKey, '--s3-secret-key', 'guessed'],
    ]);
    const error = await wrong.start().catch((thrown: unknown) => String(thrown));
    expect(error).toContain('setting s3_secret_key');
    expect(error).not.toContain('guessed');
    // Nor does one start that would show logs as if they were empty.
    const without = createReplica(dataDir, []);
    await expect(without.start()).rejects.toThrow('kept in a bucket');
  });

  test('it moves back into the data directory, and into the bucket again', async () => {
    const { dataDir } = place.installation;
    const move = (to: string) =>
      place.installation.must(['admin', 'move-blobs', '--data', dataDir, '--to', to, '--json']);
    const [back, there] = [JSON.parse(await move('directory')), JSON.parse(await move('s3'))];
    expect(back).toMatchObject({ artifacts: 3 });
    expect(there).toEqual(back);
    expect(JSON.parse(await move('s3'))).toMatchObject({ logs: 0, artifacts: 0 });
    expect(await readdir(join(dataDir, 'logs'))).toEqual([]);
    await place.installation.start();
    const { text } = await place.client().jobs.log(job, { offset: 0, waitSeconds: 0 });
    expect(text).toContain('Kept 3 artifacts');
    expect(browser.complaints()).toEqual([]);
  });
});
