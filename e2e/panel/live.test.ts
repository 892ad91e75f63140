import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  accessibilityProblems,
  lacksChromium,
  openBrowser,
  signIn,
  type TestBrowser,
} from '../support/browser.ts';
import { ADMIN, createPlace, type Place, type Site, webApplication } from '../support/site.ts';

const CONFIGURATION = `language: generic
script: sleep 1
notfications: {}
deploy:
  provider: sluice
  environment: test
`;

/** Something that only a reload would take away. */
const mark = (page: Page) => page.evaluate('globalThis.notReloaded = true');
const isMarked = (page: Page) => page.evaluate('globalThis.notReloaded === true');
/** Polled from outside: the policy of the panel lets nobody evaluate texts in it. */
const titled = (page: Page, start: string) =>
  expect.poll(() => page.title()).toMatch(new RegExp(`^${start}`));
/** Both at one moment: a quick build would have ended between two looks. */
const tab = (page: Page): Promise<string> =>
  page.evaluate('document.title + " " + document.querySelector("link[rel=icon]").href');

describe.skipIf(lacksChromium())('what happens shows without a reload', () => {
  let place: Place;
  let site: Site;
  let browser: TestBrowser;
  let page: Page;
  let first: string;

  beforeAll(async () => {
    place = await createPlace();
    site = await place.createApplication('lively');
    browser = await openBrowser(place.installation.url());
    page = await browser.page();
    await signIn(page, ADMIN.email, ADMIN.password);
  });
  afterAll(async () => {
    await browser?.close();
    await place?.destroy();
  });

  const environment = (slug: string, on = page) =>
    on
      .getByRole('list', { name: 'Environments of lively' })
      .getByRole('listitem')
      .filter({
        has: on.getByRole('heading', { name: slug }),
      });

  test('a push moves the dashboard, its title and its icon', async () => {
    await page.getByText('no branch main yet: push one').first().waitFor();
    await mark(page);
    first = await site.push('Say hello', {
      '.travis.yml': CONFIGURATION,
      ...webApplication('hello'),
    });
    await page.getByRole('link', { name: 'Build 1' }).waitFor();
    await expect.poll(() => tab(page)).toMatch(/^●.*busy/);
    await environment('test').getByText('Say hello').waitFor();
    await environment('test').getByText('live = newest passed commit of main').waitFor();
    await expect.poll(() => tab(page)).toMatch(/^✓.*good/);
    expect(await isMarked(page)).toBe(true);
  });

  test('promotes what is live, and shows it going, on whatever page is open', async () => {
    const build = await page.context().newPage();
    await build.goto('/builds/1');
    const cameTo = (slug: string) =>
      build
        .getByRole('region', { name: 'Deployments of this commit' })
        .getByRole('row')
        .filter({ has: build.getByRole('cell', { name: slug, exact: true }) });
    await cameTo('test').getByText('Succeeded').waitFor();
    const audit = await page.context().newPage();
    await audit.goto('/audit-log');
    await audit.getByText('application.create').waitFor();
    await page.getByRole('link', { name: 'lively' }).click();
    await page.getByRole('button', { name: 'Promote to live' }).click();
    const dialog = page.getByRole('dialog', { name: 'Deploy to live' });
    expect(await dialog.getByLabel('What to deploy').inputValue()).toBe(first);
    await dialog.getByRole('button', { name: 'Deploy' }).click();
    const live = page.getByRole('listitem').filter({
      has: page.getByRole('heading', { name: 'live', exact: true }),
    });
    await live.getByText('Say hello').waitFor();
    await live.getByText('Serving').waitFor();
    await page.getByRole('button', { name: 'Promote to live' }).waitFor({ state: 'detached' });
    expect(await isMarked(page)).toBe(true);
    await cameTo('live').getByText('Succeeded').waitFor();
    await build.close();

    const { uuid } = site.environment('live');
    await place.client().variables.create({ environment: uuid, name: 'GREETING', value: 'hi' });
    await audit.getByText('variable.create').waitFor();
    await audit.close();
  });

  test('a build page follows its jobs; messages lead to their line', async () => {
    const build = await browser.page();
    await signIn(build, ADMIN.email, ADMIN.password);
    await build.goto('/builds/1');
    await build.getByRole('heading', { name: 'Build #1' }).waitFor();
    await mark(build);
    await build.getByRole('button', { name: 'Restart' }).click();
    await build.locator('header [data-state=started]').waitFor();
    await titled(build, '●');
    await build.locator('header [data-state=passed]').waitFor();
    await titled(build, '✓ Build #1');
    expect(await isMarked(build)).toBe(true);

    await build.getByRole('link', { name: '.travis.yml, line 3' }).click();
    const line = build.locator('[aria-current=location]');
    await line.waitFor();
    expect(await line.textContent()).toContain('notfications: {}');
    expect(await line.evaluate((element) => element.ownerDocument.activeElement === element)).toBe(
      true,
    );
    expect(new URL(build.url()).hash).toBe('#.travis.yml:3');
    expect(await accessibilityProblems(build)).toEqual([]);
    await build.context().close();
  });

  test('several tabs read one stream between them', async () => {
    const streams: string[] = [];
    const context = page.context();
    context.on('request', (request) => {
      if (request.url().includes('/events/v3/')) streams.push(request.url());
    });
    const second = await context.newPage();
    await second.goto('/');
    await environment('test', second).getByText('Say hello').waitFor();
    await site.push('Say it twice', webApplication('hello, hello'));
    await environment('test', second).getByText('Say it twice').waitFor();
    expect(streams).toEqual([]);
    // The first tab reads for both; when it goes, the second takes over and misses nothing.
    await page.close();
    page = second;
    await mark(page);
    await site.push('Say it thrice', webApplication('hello, hello, hello'));
    await environment('test').getByText('Say it thrice').waitFor();
    expect(streams.length).toBe(1);
    expect(await isMarked(page)).toBe(true);
  });

  test('comes back by itself when the server was killed, and is right', async () => {
    await place.installation.signal('SIGKILL');
    await page.getByText('No connection to the server').waitFor();
    await place.installation.start();
    await site.push('Rise again', webApplication('risen'));
    await environment('test').getByText('Rise again').waitFor();
    await page.getByText('No connection to the server').waitFor({ state: 'detached' });
    expect(await isMarked(page)).toBe(true);
  });

  test('the palette goes anywhere by keyboard, and deploys', async () => {
    await page.keyboard.press('Control+k');
    const dialog = page.getByRole('dialog', { name: 'Search and commands' });
    await dialog.waitFor();
    await page.keyboard.type('lively commits');
    // What Enter takes: the list may still change while the server is asked.
    await dialog.getByRole('option', { name: 'lively › Commits', selected: true }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/commits');
    await page.getByRole('row').filter({ hasText: 'Rise again' }).getByText('Live').waitFor();

    await page.keyboard.press('Control+k');
    await page.keyboard.type(first.slice(0, 9));
    await dialog.getByRole('option', { name: new RegExp(`^Commit ${first.slice(0, 12)}`) }).click();
    await page.waitForURL(`**/commits/${first}`);

    await page.keyboard.press('Control+k');
    await page.keyboard.type('deploy live');
    await dialog.getByRole('option', { name: 'Deploy lively to live …', selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Deploy to live' }).waitFor();
    await page.keyboard.press('Escape');
    // Keys mean what they say until it is gone.
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('b');
    await page.waitForURL('**/builds');
    expect(browser.complaints()).toEqual([]);
  });
});
