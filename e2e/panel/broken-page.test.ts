import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lacksChromium, openBrowser, signIn, type TestBrowser } from '../support/browser.ts';
import { ADMIN, createPlace, type Place } from '../support/site.ts';

/** A page that cannot show what it was told recovers by itself once it is told something else. */
describe.skipIf(lacksChromium())('a page that broke', () => {
  let place: Place;
  let browser: TestBrowser;
  let page: Page;
  beforeAll(async () => {
    place = await createPlace();
    browser = await openBrowser(place.installation.url());
    page = await browser.page();
    await signIn(page, ADMIN.email, ADMIN.password);
  });
  afterAll(async () => {
    await browser?.close();
    await place?.destroy();
  });

  const LIST = '**/iam/v3/access-tokens/';
  /** As an older or newer server might answer: with dates that are none. */
  const spoil = () =>
    page.route(LIST, async (route) => {
      const answer = await route.fetch();
      const text = await answer.text();
      await route.fulfill({
        response: answer,
        body: text.replaceAll(/"20\d\d-[^"]*Z"/g, '"soon"'),
      });
    });
  const broken = () => page.getByRole('heading', { name: 'This page broke' });

  test('comes back when the server says that its data changed', async () => {
    await spoil();
    await page.goto('/account/tokens');
    await broken().waitFor();
    await page.evaluate(() => Object.assign(window, { isTheSame: true }));
    await page.unroute(LIST);
    await place.client().tokens.create({ name: 'a new one', scopes: null });
    await page.getByRole('cell', { name: 'Revoke a new one' }).waitFor();
    expect(await page.evaluate(() => 'isTheSame' in window)).toBe(true);
  });

  test('when it is tried again by hand, and when one goes elsewhere and back', async () => {
    await spoil();
    await page.goto('/account/tokens');
    await broken().waitFor();
    await page.getByRole('link', { name: 'Applications' }).first().click();
    await broken().waitFor({ state: 'detached' });
    await page.goBack();
    await broken().waitFor();
    await page.unroute(LIST);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('cell', { name: 'Revoke a new one' }).waitFor();
  });
});
