import { createHmac, randomUUID } from 'node:crypto';
import { createOutsideHost, type OutsideHost, type TestRepository } from '@sluice/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  accessibilityProblems,
  lacksChromium,
  openBrowser,
  signIn,
  type TestBrowser,
} from '../support/browser.ts';
import { ADMIN, createPlace, type Place } from '../support/site.ts';

/** An application moves to an outside repository, as a person does it in the panel, without a reload. */
describe.skipIf(lacksChromium())('outside repositories in the panel', () => {
  let place: Place;
  let host: OutsideHost;
  let work: TestRepository;
  let url: string;
  let browser: TestBrowser;
  let page: Page;
  beforeAll(async () => {
    host = await createOutsideHost();
    ({ url, work } = await host.create('team/shop'));
    await work.commit('first');
    await work.git('push', '-q', 'origin', 'HEAD');
    place = await createPlace({
      flags: ['--mirror-local-networks', '--mirror-protocols=http,https,ssh'],
    });
    const created = await place.installation.must(['app', 'create', 'Shop', '--json']);
    const { id } = JSON.parse(created);
    browser = await openBrowser(place.installation.url());
    page = await browser.page();
    page.setDefaultTimeout(90_000);
    await signIn(page, ADMIN.email, ADMIN.password);
    await page.goto(`/applications/${id}-shop/settings`);
  });
  afterAll(async () => {
    await browser?.close();
    await place?.destroy();
    await host?.close();
    await work?.remove();
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });

  test('is connected by its address and a token', async () => {
    await button('Connect an outside repository').click();
    await page.getByLabel('Address').fill('file:///etc');
    await button('Connect').click();
    await page.getByText('Only http, https, ssh can be used here.').waitFor();
    await page.getByLabel('Address').fill(url);
    await page.getByLabel('User name').fill(host.user);
    await page.getByLabel('Token').fill(host.password);
    await button('Connect').click();
    await page.getByText(`token of ${host.user}`).waitFor();
    await button('Fetch now').click();
    await page.getByText('Fetched.').waitFor();
  });

  test('a webhook is made, and its first delivery shows by itself', async () => {
    await page.getByLabel('Kind of host').selectOption('github');
    await button('Make a webhook').click();
    await page.getByText('No delivery has arrived yet.').waitFor();
    const webhook = page.getByRole('region', { name: 'Webhook', exact: true });
    const [address = '', secret = ''] = await webhook.locator('pre').allTextContents();
    expect(await accessibilityProblems(page)).toEqual([]);
    const body = JSON.stringify({ ref: 'refs/heads/main', repository: { full_name: 'team/shop' } });
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const { status } = await fetch(address, {
      ...{ method: 'POST', body },
      headers: {
        ...{ 'content-type': 'application/json', 'x-github-event': 'push' },
        ...{ 'x-github-delivery': randomUUID(), 'x-hub-signature-256': `sha256=${signature}` },
      },
    });
    expect(status).toBe(202);
    await page.getByText('A delivery arrived and its signature fits.').waitFor();
    await page.getByRole('cell', { name: 'done' }).waitFor();
    await button('Process again').click();
    await page.getByText('It is processed again.').waitFor();
  });

  test('what goes wrong at the host is said, with what to do', async () => {
    host.be('refusing');
    await button('Fetch now').click();
    await page.getByText(/refuses the credential.*Give a token/).waitFor();
    host.be('up');
    await button('Fetch now').click();
    await page.getByText(/refuses the credential/).waitFor({ state: 'detached' });
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(browser.complaints()).toEqual([]);
  });
});
