import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accessibilityProblems,
  lacksChromium,
  openBrowser,
  signIn,
  type TestBrowser,
} from '../support/browser.ts';
import { ADMIN, createPlace, type Place, type Site } from '../support/site.ts';

describe.skipIf(lacksChromium())('pull requests in the panel', () => {
  let place: Place;
  let site: Site;
  let browser: TestBrowser;
  beforeAll(async () => {
    place = await createPlace();
    site = await place.createApplication('bakery');
    await site.push('First', { 'menu.txt': 'rye\n', 'index.html': 'bread' });
    await site.repository.branch('rolls');
    await site.push('Bake rolls', { 'menu.txt': 'rye\nrolls\n' });
    await site.sluice('pr', 'create', '--description', 'Since everybody asks for them.');
    browser = await openBrowser(place.installation.url());
  });
  afterAll(async () => {
    await browser?.close();
    await place?.destroy();
  });

  it('are listed, read, discussed and squashed', async () => {
    const page = await browser.page();
    await signIn(page, ADMIN.email, ADMIN.password);
    await page.goto(`/applications/${site.application.id}-bakery`);
    await page.getByRole('link', { name: 'Pull requests' }).click();
    await page.getByRole('cell', { name: 'rolls into main' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('link', { name: 'Bake rolls' }).click();
    await page.getByText('Since everybody asks for them.').waitFor();
    await page.getByText('+rolls').waitFor();
    await page.getByText('Can be merged').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);

    await page.getByLabel('Write a comment').fill('With <b>seeds</b>, please');
    await page.getByRole('button', { name: 'Comment' }).click();
    await page.getByText('With <b>seeds</b>, please').waitFor();
    await page.getByLabel('How').selectOption('squash');
    await page.getByRole('button', { name: 'Merge', exact: true }).click();
    await page.getByText('Merged as').waitFor();
    const { results } = await place.client().pullRequests.list({
      application: site.application.uuid,
    });
    expect(results).toMatchObject([{ state: 'merged', merge_method: 'squash' }]);
    expect(browser.complaints()).toEqual([]);
  });

  it('are tested again when the base moved since, and merged then', async () => {
    const client = place.client();
    const { uuid } = site.application;
    const number = async () =>
      (await client.pullRequests.list({ application: uuid, state: 'open' })).results[0];
    const eventually = <T>(look: () => Promise<T>) => expect.poll(look);
    await site.repository.git('fetch', '-q', 'origin', 'main');
    await site.repository.git('checkout', '-q', '-B', 'main', 'FETCH_HEAD');
    await site.push('Test it', { '.travis.yml': 'language: generic\nscript: test -e menu.txt\n' });
    await site.sluice('ci', 'enable');
    await site.repository.branch('buns');
    await site.push('Bake buns', { 'buns.txt': 'buns\n' });
    await site.sluice('pr', 'create');
    await eventually(async () => (await number())?.build?.state).toBe('passed');
    await site.repository.checkout('main');
    const base = await site.push('Raise prices', { 'prices.txt': '2\n' });
    await eventually(async () => (await number())?.base.sha).toBe(base);

    const page = await browser.page();
    await signIn(page, ADMIN.email, ADMIN.password);
    await page.goto(
      `/applications/${site.application.id}-bakery/pulls/${(await number())?.number}`,
    );
    await page.getByText('main has moved since its build').waitFor();
    await page.getByRole('button', { name: 'Test again', exact: true }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Test again, then merge' }).click();
    await page.getByText('Merged as', { exact: true }).waitFor();
    const { results } = await client.pullRequests.list({ application: uuid, state: 'merged' });
    const merged = results.find(({ head }) => head.ref === 'buns');
    await site.repository.git('fetch', '-q', 'origin', 'main');
    const parents = await site.repository.git('log', '-1', '--format=%P', merged?.merged_sha ?? '');
    expect(parents.split(' ')[0]).toBe(base);
    expect(browser.complaints()).toEqual([]);
  });

  it('are opened from a pushed branch, as a draft first', async () => {
    await site.repository.git('checkout', '-q', '-B', 'pies', 'FETCH_HEAD');
    await site.push('Bake pies', { 'pies.txt': 'pies\n' });
    const page = await browser.page();
    await signIn(page, ADMIN.email, ADMIN.password);
    await page.goto(`/applications/${site.application.id}-bakery/pulls`);
    await page.getByText('No pull requests').waitFor();
    await page.getByRole('button', { name: 'Open a pull request' }).click();
    const dialog = page.getByRole('dialog', { name: 'Open a pull request' });
    await dialog.getByLabel('The branch').selectOption('pies');
    await dialog.getByLabel('Description').fill('With apples.');
    await dialog.getByLabel('As a draft').check();
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Open it' }).click();
    await page.waitForURL(/\/pulls\/\d+$/);
    await page.getByText('With apples.').waitFor();
    await page.getByText('pies into main').waitFor();
    expect(await page.getByRole('button', { name: /^Merge|^Test again, then/ }).isDisabled()).toBe(
      true,
    );
    await page.getByRole('button', { name: 'Mark as ready' }).click();
    await page.getByText('It is no draft any more.').waitFor();
    await expect.poll(() => page.getByRole('button', { name: /^Merge/ }).isDisabled()).toBe(false);
    expect(browser.complaints()).toEqual([]);
  });
});
