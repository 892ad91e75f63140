import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  accessibilityProblems,
  lacksChromium,
  openBrowser,
  signIn,
  type TestBrowser,
} from '../support/browser.ts';
import { ADMIN, createPlace, type Place, type Site } from '../support/site.ts';

describe.skipIf(lacksChromium())('the settings of an application in the panel', () => {
  let place: Place;
  let site: Site;
  let browser: TestBrowser;
  let page: Page;

  beforeAll(async () => {
    place = await createPlace();
    site = await place.createApplication('shop');
    browser = await openBrowser(place.installation.url());
    page = await browser.page();
    await signIn(page, ADMIN.email, ADMIN.password);
  });
  afterAll(async () => {
    await browser?.close();
    await place?.destroy();
  });
  afterEach(() => {
    expect(browser.complaints()).toEqual([]);
  });

  const open = async () => {
    await page.goto(`/applications/${site.application.id}-shop/settings`);
    await page.getByRole('heading', { name: 'Danger zone' }).waitFor();
  };
  const region = (name: string) => page.getByRole('region', { name, exact: true });
  const client = () => place.client();

  test('name, release commands and CI settings are kept, and the page has no problems', async () => {
    await open();
    expect(await accessibilityProblems(page)).toEqual([]);
    await region('General').getByLabel('Name', { exact: true }).fill('The shop');
    await region('General').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'The shop', level: 1 }).waitFor();

    const commands = region('Release commands');
    await commands.getByRole('button', { name: 'Add a command' }).click();
    await commands.getByLabel('Name of command 1').fill('Migrate');
    await commands.getByLabel('Command 1', { exact: true }).fill('python migrate.py');
    await commands.getByRole('button', { name: 'Save the commands' }).click();
    await expect
      .poll(async () => (await client().applications.get(site.application.uuid)).release_commands)
      .toEqual([{ label: 'Migrate', command: 'python migrate.py' }]);

    const ci = region('CI');
    await ci.getByLabel('Exact language versions').selectOption('Fail the job');
    await ci.getByLabel('Jobs at the same time').fill('2');
    await ci.getByLabel('Cancel waiting builds').check();
    await ci.getByRole('button', { name: 'Save the CI settings' }).click();
    const [repository] = (await client().repositories.list({ slug: 'default/shop' })).results;
    await expect
      .poll(async () => client().repositories.get(repository?.uuid ?? ''))
      .toMatchObject({ active: true, strict_toolchains: true, maximum_number_of_builds: 2 });
    await expect
      .poll(async () => client().repositorySettings.get(repository?.id ?? 0))
      .toMatchObject({ auto_cancel_pushes: true });
  });

  test('what is encrypted in the browser, and a private variable, reach the job and not the page', async () => {
    await open();
    const secrets = region('Encrypted values');
    await secrets.getByLabel('Value', { exact: true }).fill('FIRST="written in the browser"');
    await secrets.getByRole('button', { name: 'Encrypt', exact: true }).click();
    const yaml = await secrets.locator('pre').filter({ hasText: 'secure:' }).textContent();
    const variables = region('Variables of builds');
    await variables.getByLabel('Name', { exact: true }).fill('SECOND');
    await variables.getByLabel('Value', { exact: true }).fill('settings');
    await variables.getByRole('button', { name: 'Add the variable' }).click();
    await variables.getByRole('row', { name: 'SECOND' }).getByText('private').waitFor();
    const sha = await site.push('Use both', {
      '.travis.yml': `language: generic\nscript: test "$FIRST $SECOND" = "written in the browser settings"\n${yaml}\n`,
    });
    await site.until(sha, 'test', (state) => state === 'not_signalled' || state === 'build_failed');
    expect((await site.why(sha)).build?.state).toBe('passed');
    await variables.getByRole('button', { name: 'Remove SECOND' }).click();
    await variables.getByText('None yet.').waitFor();
  });

  test('an environment is copied, changed, and removed by its name', async () => {
    await open();
    const environments = region('Environments');
    await environments.getByRole('button', { name: 'Add an environment' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name of the new environment').fill('Not a name');
    await dialog.getByLabel('Copy of').selectOption('test');
    await dialog.getByRole('button', { name: 'Add an environment' }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByLabel('Name of the new environment').fill('staging');
    await dialog.getByRole('button', { name: 'Add an environment' }).click();
    await environments.getByRole('row', { name: 'staging' }).waitFor();

    await environments.getByRole('button', { name: 'Change staging' }).click();
    await dialog.getByLabel('Branch').fill('next');
    await dialog.getByLabel('Deploys by itself').check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await environments.getByRole('row', { name: 'staging' }).getByText('next').waitFor();
    const listed = await client().environments.list({
      ...{ application: site.application.uuid, slug: 'staging' },
    });
    expect(listed.results[0]).toMatchObject({ branch: 'next', auto_deploy: true });

    await environments.getByRole('button', { name: 'Remove the environment staging' }).click();
    const confirm = dialog.getByRole('button', { name: 'Remove', exact: true });
    expect(await confirm.isDisabled()).toBe(true);
    await dialog.getByLabel('Type staging to confirm').fill('staging');
    await confirm.click();
    await expect.poll(() => environments.getByRole('row', { name: 'staging' }).count()).toBe(0);
  });

  test('a collaborator is added and removed', async () => {
    await open();
    const people = region('Collaborators');
    await people.getByLabel('Person').selectOption('ci@example.com');
    await people.getByRole('button', { name: 'Add the person' }).click();
    await people.getByRole('button', { name: 'Remove ci@example.com' }).click();
    await people.getByText('Nobody besides').waitFor();
  });

  test('the application is removed by its name, and comes back by undo', async () => {
    await open();
    await page.getByRole('button', { name: 'Remove the application' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Type shop to confirm').fill('shop');
    await dialog.getByRole('button', { name: 'Remove the application' }).click();
    await page.getByText('The shop is removed and serves no more.').waitFor();
    expect((await client().applications.list()).count).toBe(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('The shop is back').waitFor();
    await page.getByRole('link', { name: 'The shop' }).first().waitFor();
    expect((await client().applications.list()).count).toBe(1);
  });
});
