import {
  cloneRepository,
  createInstallation,
  type Installation,
  type TestRepository,
} from '@sluice/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lacksChromium, openBrowser, type TestBrowser } from '../support/browser.ts';
import { pressUntil, typeInto } from '../support/keyboard.ts';
import { fetchPage } from '../support/site.ts';

const PERSON = { email: 'mira@example.com', password: 'flour water salt yeast' };
/** Builds and deployments are real; on a busy machine they take their time. */
const SOON = 120_000;

/** The tutorial from an empty server to a release that was put back, in the panel. */
describe.skipIf(lacksChromium())('the whole journey', () => {
  let installation: Installation;
  let browser: TestBrowser;
  let page: Page;
  let repository: TestRepository;
  beforeAll(async () => {
    installation = await createInstallation();
    browser = await openBrowser(installation.url());
    page = await browser.page();
    page.setDefaultTimeout(SOON);
  });
  afterAll(async () => {
    await repository?.remove();
    await browser?.close();
    await installation?.destroy();
  });

  const environment = (slug: string) =>
    page
      .getByRole('listitem')
      .filter({ has: page.getByRole('heading', { name: slug, exact: true }) });
  const answer = async (slug: string) => {
    const { port } = new URL(await appUrl());
    return fetchPage(new URL(`http://${slug}-bakery.localhost:${port}/`));
  };
  const appUrl = async () =>
    (await page
      .getByRole('link', { name: /bakery\.localhost/ })
      .first()
      .getAttribute('href')) ?? '';
  const push = async (message: string, files: Record<string, string>) => {
    const sha = await repository.commit(message, files);
    await repository.git('push', '--quiet', 'origin', 'HEAD');
    return sha;
  };

  test('by mouse: set-up, an application, live, a mistake, promotion, rollback, resume', async () => {
    const setup = /http:\S+(\/setup\/\S+)/.exec(installation.output())?.[1] ?? '';
    await page.goto(setup);
    await page.getByLabel('Email').fill(PERSON.email);
    await page.getByLabel('First name').fill('Mira');
    await page.getByLabel('Password').fill(PERSON.password);
    await page.getByRole('button', { name: 'Create the account' }).click();

    await page.getByText('No applications yet').waitFor();
    await page.getByRole('link', { name: 'New application' }).first().click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Bakery');
    await page.getByRole('button', { name: 'Create the application' }).click();
    await page.getByRole('button', { name: 'Start from an example' }).click();
    await page.getByRole('button', { name: 'Start with Static pages' }).click();
    await page.getByText('It is live:').waitFor();
    const url = await page.getByRole('link', { name: /bakery\.localhost/ }).getAttribute('href');
    expect((await fetchPage(new URL(url ?? ''))).status).toBe(200);
    await page.getByRole('link', { name: 'To the application' }).click();

    const remote = new URL('/default/bakery.git', installation.url());
    remote.username = PERSON.email;
    remote.password = PERSON.password;
    repository = await cloneRepository(remote.toString());
    const first = await repository.sha();
    await push('Link to nothing', {
      'about.html': '<title>About</title><a href="missing.html">missing</a>',
    });
    await page
      .getByRole('row')
      .filter({ hasText: 'Link to nothing' })
      .getByText('Failed')
      .waitFor();

    await push('Sell bread', { 'about.html': '<title>Bread</title><a href="index.html">home</a>' });
    const test = environment('test');
    await test.getByText('Sell bread').waitFor();
    expect((await answer('live')).status).toBe(404);
    await page.getByRole('button', { name: 'Promote to live' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Deploy', exact: true }).click();
    await environment('live').getByText('Sell bread').waitFor();
    expect((await answer('live')).status).toBe(200);

    await page.getByRole('link', { name: 'Deployments' }).click();
    // By the table's name: the page before this one has rows with the same commit.
    const older = page
      .getByRole('table', { name: 'Deployments, newest first' })
      .getByRole('row')
      .filter({ hasText: first.slice(0, 10) });
    await older.getByRole('link').first().click();
    await page.getByRole('button', { name: 'Roll back to this release' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Why').fill('the bread is stale');
    const rolledBackTo = page.url();
    await dialog.getByRole('button', { name: 'Roll back to this release' }).click();
    await page.waitForURL(({ href }) => href !== rolledBackTo);
    await page.getByText('Succeeded').first().waitFor();

    await page.goto('/');
    await page.getByText('the bread is stale').first().waitFor();
    await page.getByRole('link', { name: 'Bakery' }).first().click();
    await environment('test')
      .getByRole('button', { name: /Resume/ })
      .click();
    // Nothing was asked for while it was held, so it is asked for now.
    await environment('test').getByText('was live before').waitFor();
    await environment('test')
      .getByRole('button', { name: /^Deploy/ })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Deploy', exact: true }).click();
    await environment('test').getByText('Sell bread').waitFor();
    expect(browser.complaints()).toEqual([]);
  });

  test('by keyboard alone: sign in, find, deploy, watch, roll back, sign out', async () => {
    page = await browser.page();
    page.setDefaultTimeout(SOON);
    await page.goto('/sign-in');
    await typeInto(page, 'Email', PERSON.email);
    await typeInto(page, 'Password', PERSON.password);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation', { name: 'Main' }).waitFor();

    await push('Sell cake', { 'cake.html': '<title>Cake</title><a href="index.html">home</a>' });
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.type('Bakery');
    await page.getByRole('option', { name: 'Bakery' }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Bakery', level: 1 }).waitFor();
    await environment('test').getByText('Sell cake').waitFor();

    await pressUntil(page, 'Tab', 'Promote to live');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await pressUntil(page, 'Tab', 'Deploy');
    await page.keyboard.press('Enter');
    await environment('live').getByText('Sell cake').waitFor();

    await pressUntil(page, 'Tab', 'Deployments');
    await page.keyboard.press('Enter');
    const live = page.getByRole('row').filter({ hasText: 'live' });
    await live.nth(1).waitFor();
    const earlier = live.nth(1).getByRole('link').first();
    await pressUntil(page, 'Tab', (await earlier.textContent()) ?? '', earlier);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Roll back to this release' }).waitFor();
    await pressUntil(page, 'Tab', 'Roll back to this release');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await typeInto(page, 'Why', 'too sweet');
    await typeInto(page, 'Type live to confirm', 'live');
    const rolledBackTo = page.url();
    await page.keyboard.press('Enter');
    await page.waitForURL(({ href }) => href !== rolledBackTo);
    await page.getByText('Succeeded').first().waitFor();
    const after = await answerOf('live');
    expect(after).not.toContain('Cake');

    await pressUntil(page, 'Shift+Tab', /^Your account/);
    await page.keyboard.press('Enter');
    await pressUntil(page, 'Tab', 'Sign out');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(browser.complaints()).toEqual([]);
  });

  /** The page that the newest commit brought, as `slug` serves it. */
  async function answerOf(slug: string): Promise<string> {
    const { applications } = await page.evaluate(
      async () =>
        (await fetch('/apps/v3/overview/')).json() as Promise<{
          applications: { environments: { slug: string; url: string }[] }[];
        }>,
    );
    const found = applications.flatMap(({ environments }) => environments);
    const url = found.find((one) => one.slug === slug)?.url ?? '';
    return (await fetchPage(new URL('/cake.html', url))).body;
  }
});
