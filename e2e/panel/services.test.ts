import { lacksDocker } from '@sluice/testing/docker';
import { dockerServiceImages } from '@sluice/testing/docker-service-images';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  accessibilityProblems,
  lacksChromium,
  openBrowser,
  signIn,
  type TestBrowser,
  useTheme,
} from '../support/browser.ts';
import { createDockerPlace, type DockerPlace } from '../support/docker-place.ts';
import { ADMIN, createPlace, type Site } from '../support/site.ts';

/** Services of an environment, attached, removed and restored in the panel; the engine is real. */
describe.skipIf(lacksChromium() || lacksDocker())('the services in the panel', () => {
  let engine: DockerPlace;
  let site: Site;
  let browser: TestBrowser;
  let page: Page;

  beforeAll(async () => {
    const { postgresql, redis } = await dockerServiceImages();
    engine = await createDockerPlace([
      ...['--service-postgresql-image', postgresql, '--service-redis-image', redis],
    ]);
    site = await engine.place.createApplication('shop');
    browser = await openBrowser(engine.place.installation.url());
    page = await browser.page();
    await signIn(page, ADMIN.email, ADMIN.password);
  });
  afterAll(async () => {
    await browser?.close();
    await engine?.destroy();
  });

  test('Redis is added, removed by its name and restored', async () => {
    await page.goto(`/applications/${site.application.id}-shop/environments/test`);
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
  }, 240_000);

  test('on a phone nothing sticks out to the side', async () => {
    const phone = await browser.page({ viewport: { width: 360, height: 740 }, isMobile: true });
    await signIn(phone, ADMIN.email, ADMIN.password);
    await phone.goto(`/applications/${site.application.id}-shop/environments/test/services`);
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
  }, 120_000);
});
