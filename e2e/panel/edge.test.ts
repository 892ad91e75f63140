import { type Caddy, createCaddy, lacksCaddy } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  accessibilityProblems,
  lacksChromium,
  openBrowser,
  signIn,
  type TestBrowser,
} from '../support/browser.ts';
import { ADMIN, createPlace, type Place } from '../support/site.ts';

describe.skipIf(lacksChromium() || lacksCaddy())('Caddy on the health page', () => {
  let caddy: Caddy;
  let place: Place;
  let browser: TestBrowser;

  beforeAll(async () => {
    caddy = await createCaddy();
    place = await createPlace({ flags: [...caddy.flags, '--edge-zone', 'sluice.example'] });
    browser = await openBrowser(place.installation.url());
  });
  afterAll(async () => {
    await browser?.close();
    await place?.destroy();
    await caddy?.destroy();
  });

  test('tells whether it does as it is told, and the certificate of each domain', async () => {
    const page = await browser.page();
    await signIn(page, ADMIN.email, ADMIN.password);
    const site = await place.createApplication('shop');
    await page.goto('/system');
    await page.getByText('Has its configuration', { exact: true }).waitFor();
    await page.getByText('control.sluice.example, api.sluice.example').waitFor();
    await page.getByText('No application has a domain of its own yet.').waitFor();
    const environment = site.environment('live').uuid;
    const { uuid } = await place.client().domains.create({ environment, name: 'bread.invalid' });
    await place.client().domains.check(uuid);
    await page.getByRole('button', { name: 'Look again' }).click();
    const row = page.getByRole('row').filter({ hasText: 'bread.invalid' });
    await row.getByText('Not yet').waitFor();
    await row.getByText('shop, live').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);

    await caddy.kill();
    await expect
      .poll(
        async () => {
          await page.getByRole('button', { name: 'Look again' }).click();
          return page.getByText('Does not have its configuration').count();
        },
        { timeout: 60_000, interval: 1_000 },
      )
      .toBe(1);
    await page
      .getByText(/^Caddy does not answer at/)
      .first()
      .waitFor();
  });
});
