import { dockerBaseImage, lacksDocker } from '@sluice/testing/docker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessibilityProblems, lacksChromium, useTheme } from '../support/browser.ts';
import { type DockerPanel, openDockerPanel } from '../support/docker-panel.ts';
import { travis } from '../support/site.ts';

/** Images of a real Docker Engine, looked at and removed in the panel and by the command line. */
describe.skipIf(lacksChromium() || lacksDocker())('the images in the panel', () => {
  let panel: DockerPanel;
  let engine: DockerPanel['engine'];
  let site: DockerPanel['site'];
  let page: DockerPanel['page'];
  let base: string;

  beforeAll(async () => {
    base = await dockerBaseImage();
    panel = await openDockerPanel(['--keep-releases', '1']);
    ({ engine, site, page } = panel);
  });
  afterAll(() => panel?.close());

  const client = () => engine.place.client();
  const path = () => `${panel.path}/images`;
  const onEngine = () => new Set(engine.docker('images', '-q', '--no-trunc')).size;

  const push = (text: string) =>
    site.push(text, {
      ...travis('true'),
      'index.html': text,
      Dockerfile: `FROM ${base}\nCOPY index.html /srv/\nWORKDIR /srv\nEXPOSE 4000\nCMD ["python3", "-m", "http.server", "4000"]\n`,
    });

  const deploy = async (environment: string, commit: string) => {
    const made = await client().deployments.create({ environment, commit, wait: 60 });
    await expect.poll(async () => (await client().deployments.get(made.uuid)).success).toBe(true);
  };

  const previewOf = async (slug: string, commit: string) => {
    const { uuid: application } = site.application;
    const { uuid } = await client().environments.create({ application, slug, branch: 'main' });
    await deploy(uuid, commit);
    return uuid;
  };

  test('what nothing needs is told and cleaned up; what is live stays', async () => {
    await page.goto(path());
    await page.getByText('No image yet').waitFor();
    const lonely = await push('one');
    const preview = await previewOf('preview', lonely);
    // By itself, as everything in the panel.
    const row = page.getByRole('row').filter({ hasText: lonely.slice(0, 10) });
    await row.getByText('Live').waitFor();
    await row.getByText(/\d+(\.\d)? MB/).waitFor();
    const live = await push('two');
    await deploy(site.environment('test').uuid, live);
    expect(onEngine()).toBe(2);

    await client().environments.remove(preview);
    await row.getByText('Nothing', { exact: true }).waitFor();
    for (const theme of ['light', 'dark'] as const) {
      await useTheme(page, theme);
      expect(await accessibilityProblems(page)).toEqual([]);
    }
    await page.getByRole('button', { name: 'Clean up now' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 image goes').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Clean up now' }).click();
    await page.getByText('1 image is removed.').waitFor();
    await row.waitFor({ state: 'detached' });
    await page
      .getByRole('row')
      .filter({ hasText: live.slice(0, 10) })
      .getByText('Live')
      .waitFor();
    expect(onEngine()).toBe(1);
    expect((await site.page('test')).status).toBe(200);
  });

  test('one that is kept for another try is removed by hand, by keyboard; the command line agrees', async () => {
    const preview = await previewOf('brief', await push('three'));
    await client().environments.remove(preview);
    const { sluice } = site;
    const list = async () => (await sluice('images', 'list')).stdout.split('\n').slice(1, -1);
    await expect
      .poll(list)
      .toEqual([
        expect.stringMatching(/^\w{8} {2}\w{12} {2}[\d.]+ MB +\S+ \S+ {2}newest/),
        expect.stringMatching(/^\w{8} {2}\w{12} {2}[\d.]+ MB +\S+ \S+ {2}live +test$/),
      ]);
    const [newest, live] = (await list()).map((line) => line.slice(0, 8));
    const refused = await sluice('images', 'remove', live ?? '');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('live in test') });
    expect((await sluice('images', 'clean')).stderr).toContain('There is nothing to remove.');

    await page.goto(path());
    const remove = page.getByRole('button', { name: /^Remove the image of/ });
    await remove.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('Nothing runs from it').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(/^The image of \w+ is removed\.$/).waitFor();
    expect(onEngine()).toBe(1);
    const again = await sluice('images', 'remove', newest ?? '');
    expect(again).toMatchObject({ code: 4, stderr: expect.stringContaining('There is no image') });
  });

  test('what an environment may use is limited, within what can be', async () => {
    await page.goto(`${panel.path}/environments/test`);
    const section = page.getByRole('region', { name: 'Limits' });
    await section.getByRole('button', { name: 'Change the limits' }).click();
    const dialog = page.getByRole('dialog', { name: 'Limits of test' });
    await dialog.getByLabel('Limit of memory').selectOption('Its own');
    await dialog.getByLabel('Memory: MB').fill('1');
    await dialog.getByRole('button', { name: 'Change the limits' }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByLabel('Memory: MB').fill('256');
    await dialog.getByLabel('Limit of processor').selectOption('Its own');
    await dialog.getByLabel('Processor: Cores').fill('0.5');
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Change the limits' }).click();
    await section.getByText('256 MB').waitFor();
    await section.getByText('0.5 cores').waitFor();
    const { limits } = await client().environments.get(site.environment('test').uuid);
    expect(limits).toMatchObject({
      ...{ milli_cpus: { own: 500 }, memory_bytes: { own: 256 * 1_024 * 1_024 } },
      processes: { own: null },
    });
  });

  test('the page of the installation sums up, and the palette leads there', async () => {
    await page.goto('/');
    await page.getByText('shop').first().waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('images');
    await page.getByRole('option', { name: 'Images', exact: true }).click();
    await page.getByText('Containers of a Docker Engine').waitFor();
    await page.reload();
    await page.getByRole('link', { name: 'shop' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    const all = JSON.parse((await site.sluice('images', 'list', '--all', '--json')).stdout);
    expect(all.applications).toMatchObject([{ name: 'shop', images: 1 }]);
  });
});
