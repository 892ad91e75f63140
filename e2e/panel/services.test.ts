import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { lacksDocker } from '@sluice/testing/docker';
import { dockerServiceImages } from '@sluice/testing/docker-service-images';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  accessibilityProblems,
  lacksChromium,
  openBrowser,
  signIn,
  useTheme,
} from '../support/browser.ts';
import { type DockerPanel, openDockerPanel } from '../support/docker-panel.ts';
import { ADMIN, createPlace } from '../support/site.ts';

/** Services of an environment, attached, removed and restored in the panel; the engine is real. */
describe.skipIf(lacksChromium() || lacksDocker())('the services in the panel', () => {
  let panel: DockerPanel;
  let page: DockerPanel['page'];
  let environment: string;

  beforeAll(async () => {
    const { postgresql, redis } = await dockerServiceImages();
    panel = await openDockerPanel([
      ...['--service-postgresql-image', postgresql, '--service-redis-image', redis],
    ]);
    page = panel.page;
    environment = `${panel.path}/environments/test`;
  });
  afterAll(() => panel?.close());

  test('Redis is added, removed by its name and restored', async () => {
    await page.goto(environment);
    await page.getByRole('link', { name: 'Services and backups' }).click();
    await page.getByText('No service yet').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Add a service' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('What').selectOption({ label: 'Redis' });
    await dialog.getByLabel('Prefix of its variables').fill('ORDERS');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    const list = page.getByRole('list', { name: 'Services of this environment' });
    await list.getByText('prefix ORDERS').waitFor();
    await list.getByText('Ready', { exact: true }).waitFor();
    for (const theme of ['light', 'dark'] as const) {
      await useTheme(page, theme);
      expect(await accessibilityProblems(page)).toEqual([]);
    }

    await list.getByRole('button', { name: 'Remove redis-orders' }).click();
    const remove = dialog.getByRole('button', { name: 'Remove', exact: true });
    expect(await remove.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('redis-orders');
    await remove.click();
    await page.getByText('Removed, and still to be restored').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Restore redis-orders' }).click();
    await list.getByText('Ready', { exact: true }).waitFor();
  });

  test('its data are backed up, downloaded, lost and brought back', async () => {
    const docker = (...words: string[]) => execFileSync('docker', words, { encoding: 'utf8' });
    const redis = (...words: string[]) => {
      const [container = ''] = panel.engine.docker('ps', '-q');
      const command = docker('inspect', '--format', '{{json .Config.Cmd}}', container);
      const password = JSON.parse(command).at(-1);
      return docker('exec', '-e', `REDISCLI_AUTH=${password}`, container, 'redis-cli', ...words);
    };
    expect(redis('set', 'rye', 'seven')).toContain('OK');
    await page.goto(`${environment}/services`);
    await page.getByText('No backup yet.').waitFor();
    await page.getByRole('button', { name: 'Back up now' }).click();
    const made = page
      .getByRole('region', { name: 'Backups of this environment, the newest first' })
      .getByRole('row', { name: /Complete/ });
    await made.getByText('by hand').waitFor();
    const loading = page.waitForEvent('download');
    await made.getByRole('button', { name: /^Download/ }).click();
    const file = await readFile(await (await loading).path());
    expect(file.subarray(0, 5).toString('latin1')).toBe('REDIS');

    redis('set', 'rye', 'none');
    await made.getByRole('button', { name: /^Restore/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Restore into test?' });
    const restore = dialog.getByRole('button', { name: 'Restore' });
    expect(await restore.isDisabled()).toBe(true);
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByLabel('Type test to confirm').fill('test');
    await restore.click();
    await page
      .getByRole('region', { name: 'Restores into this environment, the newest first' })
      .getByRole('row', { name: /Complete/ })
      .waitFor();
    expect(redis('get', 'rye')).toContain('seven');
    expect(await accessibilityProblems(page)).toEqual([]);

    await made.getByRole('button', { name: /^Remove/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('The backup is removed.').waitFor();
    await made.waitFor({ state: 'detached' });
  });

  test('on a phone nothing sticks out to the side', async () => {
    const phone = await panel.browser.page({
      viewport: { width: 360, height: 740 },
      isMobile: true,
    });
    await signIn(phone, ADMIN.email, ADMIN.password);
    await phone.goto(`${environment}/services`);
    await phone.getByText('prefix ORDERS').waitFor();
    expect(await phone.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });
});

describe.skipIf(lacksChromium())('services without an engine', () => {
  test('the page says what it would take', async () => {
    const place = await createPlace();
    const browser = await openBrowser(place.installation.url());
    try {
      const site = await place.createApplication('shop');
      const page = await browser.page();
      await signIn(page, ADMIN.email, ADMIN.password);
      await page.goto(`/applications/${site.application.id}-shop/environments/test/services`);
      await page.getByText('There are no services here').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
    } finally {
      await browser.close();
      await place.destroy();
    }
  });
});
