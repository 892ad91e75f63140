import { type Files, run } from '@sluice/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  accessibilityProblems,
  lacksChromium,
  openBrowser,
  signIn,
  type TestBrowser,
} from '../support/browser.ts';
import {
  ADMIN,
  createPlace,
  type Place,
  type Site,
  travis,
  webApplication,
} from '../support/site.ts';

describe.skipIf(lacksChromium())('the insights of an application', () => {
  let place: Place;
  let site: Site;
  let browser: TestBrowser;
  let page: Page;

  /** A commit of now; those of the test repository are all from one day long ago. */
  const push = async (message: string, files: Files): Promise<string> => {
    await site.repository.commit(message, files);
    const amend = ['commit', '--amend', '--quiet', '--no-edit', '--reset-author'];
    const who = ['-c', 'user.name=Mira', '-c', 'user.email=mira@example.com'];
    await run('git', [...who, ...amend], { cwd: site.repository.path });
    await site.repository.git('push', '--quiet', 'origin', 'HEAD');
    return site.repository.sha();
  };
  const deploy = async (): Promise<number> => (await site.sluice('app', 'deploy', 'live')).code;
  const address = () => `/applications/${site.application.id}-${site.application.slug}/insights`;

  beforeAll(async () => {
    place = await createPlace();
    site = await place.createApplication('figures');
    browser = await openBrowser(place.installation.url());
    page = await browser.page();
    await signIn(page, ADMIN.email, ADMIN.password);
  });
  afterAll(async () => {
    await browser?.close();
    await place?.destroy();
  });

  test('say what to do where nothing has happened yet', async () => {
    await page.goto(address());
    await page.getByText('Nothing has happened in this period').waitFor();
    await page.getByRole('link', { name: 'See the commits' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('tell of deployments, a failure and its repair while they happen', async () => {
    await push('one', { ...travis('true'), ...webApplication('one') });
    expect(await deploy()).toBe(0);
    // Without a reload.
    await page.getByText('You deployed once in 30 days.').waitFor();

    await push('two', webApplication('two', 'raise SystemExit("no")'));
    expect(await deploy()).toBe(1);
    await page.getByText('1 of 2 changes failed.').waitFor();
    await page.getByText('Broken since').waitFor();
    await push('three', webApplication('three'));
    expect(await deploy()).toBe(0);
    await page.getByText('You deployed twice in 30 days.').waitFor();
    await page.getByText('1 of 3 changes failed.').waitFor();
    await page.getByText('It took').waitFor();
    await expect.poll(() => page.getByText('Broken since').count()).toBe(0);
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      expect(await accessibilityProblems(page)).toEqual([]);
    }
  });

  test('are charts for the keyboard, too: one stop, arrow keys from day to day, and a table', async () => {
    await page.goto(address());
    const chart = page.getByLabel(/^Deployment frequency\. Arrow keys/);
    await chart.waitFor();
    expect(await chart.locator('[tabindex="0"]').count()).toBe(1);
    await chart.locator('[tabindex="0"]').focus();
    const focused = () => page.evaluate('document.activeElement.getAttribute("aria-label")');
    expect(await focused()).toMatch(/: 2$/);
    await page.keyboard.press('ArrowLeft');
    expect(await focused()).toMatch(/: 0$/);
    await page.keyboard.press('End');
    expect(await focused()).toMatch(/: 2$/);
    const figure = page.locator('figure').filter({ has: chart });
    await figure.getByText('Numbers as a table').click();
    const rows = figure.getByRole('row');
    // The head, and thirty days.
    expect(await rows.count()).toBe(31);
    expect(await rows.last().textContent()).toMatch(/2$/);
  });

  test('follow the environment and the period, which stand in the address', async () => {
    await page.getByLabel('Environment').selectOption('test');
    await page.getByText('Nothing new went live in 30 days.').waitFor();
    await page.getByLabel('Period').selectOption('7');
    await page.getByText('Nothing new went live in 7 days.').waitFor();
    expect(new URL(page.url()).search).toContain('days=7');
    await page.reload();
    await page.getByText('Nothing new went live in 7 days.').waitFor();
    expect(await page.getByLabel('Environment').inputValue()).toBe('test');
  });

  test('lead from a build in the chart to the build', async () => {
    const mark = page.locator('a[href^="/builds/"][data-mark]').last();
    expect(await mark.getAttribute('aria-label')).toMatch(/^Build \d+, Passed,/);
    await mark.focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/builds\/\d+$/);
    expect(browser.complaints()).toEqual([]);
  });
});
