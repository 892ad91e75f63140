import { get } from 'node:http';
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
import { ADMIN, createPlace, type Place, type Site, webApplication } from '../support/site.ts';

/** What runs, as a person does it in the panel: each test goes on where the one before it ended, without a reload. */
describe.skipIf(lacksChromium())('deployments in the panel', () => {
  let place: Place;
  let shop: Site;
  let browser: TestBrowser;
  let page: Page;
  let app: string;
  let firstDeployment: string;
  beforeAll(async () => {
    place = await createPlace();
    shop = await place.createApplication('shop');
    app = `/applications/${shop.application.id}-shop`;
    browser = await openBrowser(place.installation.url());
    page = await browser.page();
    // Many tests share a machine; a time-out only catches what hangs.
    page.setDefaultTimeout(120_000);
    await signIn(page, ADMIN.email, ADMIN.password);
  });
  afterAll(async () => {
    await browser?.close();
    await place?.destroy();
  });

  const badge = (state: string) => page.locator(`[data-state="${state}"]`).first();
  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const dialog = () => page.getByRole('dialog');
  const section = (name: string) => page.getByRole('region', { name, exact: true });
  const push = (text: string, extra = '', more = {}) =>
    shop.push(text, { ...webApplication(`<h1>${text}</h1>`, extra), ...more });

  /** Asks for the branch's newest commit on the environment's page; the deployment's page follows. */
  async function deployHead(): Promise<void> {
    await page.goto(`${app}/environments/live`);
    await button('Deploy').click();
    await dialog().getByRole('button', { name: 'Deploy' }).click();
    await page.waitForURL(/\/deployments\//);
  }

  test('settings decide what may go live', async () => {
    await push('Open the shop', 'print("the shop is open", flush=True)');
    await page.goto(`${app}/environments/live`);
    await page.getByText('Nothing is live yet').waitFor();
    await page.getByLabel('A build must pass first').selectOption('off');
    await section('Settings').getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    const { uuid } = shop.environment('live');
    expect((await place.client().environments.get(uuid)).require_build).toBe('off');
  });

  test('a deployment is watched until it is live', async () => {
    await deployHead();
    firstDeployment = page.url();
    // Every step appears by itself, and the tab says how it ended.
    await badge('SUCCEEDED').waitFor();
    await page.locator('[data-step="FINALIZING"][data-outcome="done"]').waitFor();
    expect(await page.locator('[data-step]').count()).toBeGreaterThanOrEqual(6);
    await page.waitForFunction("document.title.startsWith('✓')");
    await section('Commits it brings').getByText('Open the shop').waitFor();
    await section('Who asked').getByText(`${ADMIN.email} through the panel`).waitFor();
    await section('Decisions').getByText('The traffic goes to it.').waitFor();
    await section('Log of the deployment').getByText('finalizing').first().waitFor();
    expect((await shop.page('live')).body).toContain('Open the shop');
  });

  test('the environment shows what runs and what it writes', async () => {
    await page.goto(`${app}/environments/live`);
    await badge('serving').waitFor();
    await section('Live').getByText('Open the shop').waitFor();
    const row = section('Instances').getByRole('row', { name: /web/ });
    await row.getByText('Serving').waitFor();
    await row.getByText(/MB/).waitFor();
    await section('Application log').getByText('the shop is open').waitFor();
    await page.getByRole('img', { name: /Memory/ }).waitFor();
    // Two readings of 15 s make the first point of the chart; nobody reloads.
    await page.getByRole('img', { name: /Memory: now/ }).waitFor();
  });

  test('going back is confirmed by name, and holds the environment', async () => {
    const second = await push('Sell bread');
    const other = await page.context().newPage();
    await other.goto(firstDeployment);
    await other.getByRole('button', { name: /^Deploy/ }).waitFor();
    const goBack = other.getByRole('button', { name: 'Roll back to this release' });
    expect(await goBack.count()).toBe(0);
    await deployHead();
    await badge('SUCCEEDED').waitFor();
    // What was live a moment ago can be gone back to, on a page that stayed open.
    await goBack.waitFor();
    await other.close();
    expect((await shop.page('live')).body).toContain('Sell bread');

    await page.goto(firstDeployment);
    await button('Roll back to this release').click();
    const confirm = dialog().getByRole('button', { name: 'Roll back to this release' });
    await dialog().getByLabel('Why').fill('the bread was stale');
    expect(await confirm.isDisabled()).toBe(true);
    await dialog().getByLabel('Type live to confirm').fill('live');
    await confirm.click();
    await page.waitForURL((url) => url.href !== firstDeployment);
    await badge('SUCCEEDED').waitFor();
    await section('Commits it takes off').getByText('Sell bread', { exact: true }).waitFor();
    expect((await shop.page('live')).body).toContain('Open the shop');

    await page.goto(`${app}/commits/${second}`);
    const fate = page.locator('[data-environment="live"]');
    await fate.getByText('It was live; something else is now.').waitFor();
  });

  test('what is asked for meanwhile is held, until somebody resumes', async () => {
    const third = await push('Sell fresh bread');
    expect((await shop.sluice('app', 'deploy', 'live')).code).not.toBe(0);
    await page.goto(`${app}/commits/${third}`);
    await page.locator('[data-environment="live"]').getByText('Held').waitFor();

    await page.goto(`${app}/environments/live`);
    await page.getByText('the bread was stale', { exact: true }).waitFor();
    await button('Resume').click();
    await dialog().getByRole('button', { name: 'Resume' }).click();
    await page.waitForURL(/\/deployments\//);
    await badge('SUCCEEDED').waitFor();
    expect((await shop.page('live')).body).toContain('Sell fresh bread');
  });

  test('a deployment on its way can be cancelled', async () => {
    const web = webApplication('')['Procfile'];
    await push('Never seen', '', { Procfile: `release: sleep 120\n${web}` });
    await deployHead();
    await page.locator('[data-step="RELEASING"][data-outcome="working"]').waitFor();
    await button('Cancel the deployment').click();
    await dialog().getByRole('button', { name: 'Cancel the deployment' }).click();
    await badge('CANCELLED').waitFor();
    await page.locator('[data-step="RELEASING"][data-outcome="cancelled"]').waitFor();
    expect((await shop.page('live')).body).toContain('Sell fresh bread');
  });

  test('deployments are found by how they ended', async () => {
    await page.goto(`${app}/deployments`);
    await page.getByLabel('Outcome').selectOption('Cancelled, superseded, skipped or held');
    await badge('CANCELLED').waitFor();
    await page.waitForURL(/state=stopped/);
    await page.waitForFunction("!document.querySelector('[data-state=SUCCEEDED]')");
    await page.getByLabel('Environment').selectOption('test');
    await page.getByText('None of these matches the filter.').waitFor();
  });

  test('variables are added, pasted, changed, and a removed one comes back', async () => {
    await page.goto(`${app}/variables`);
    await page.getByText('No variables yet').waitFor();
    await button('Add a variable').click();
    await dialog().getByLabel('Name').fill('OVEN TEMPERATURE');
    await dialog().getByLabel('Value').fill('250');
    await dialog().getByRole('button', { name: 'Add', exact: true }).click();
    await dialog().getByText('Use letters, digits and underscores').waitFor();
    await dialog().getByLabel('Name').fill('OVEN');
    await dialog().getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('row', { name: /OVEN/ }).getByText('250').waitFor();

    await button('Paste .env').click();
    const text = '# from the old server\nexport TOKEN="hush hush"\nOVEN=250\nSHELF=oak\n';
    await dialog().getByLabel('Text of a .env file').fill(text);
    await dialog().getByText('New: TOKEN, SHELF').waitFor();
    await dialog().getByText('As they are: OVEN').waitFor();
    await dialog().getByRole('button', { name: 'Set 2 variables' }).click();
    await page.getByRole('row', { name: /TOKEN/ }).getByText('never shown').waitFor();
    // The rows may be told of before the dialog with the text has heard that it is done.
    await dialog().waitFor({ state: 'detached' });
    await expect.poll(() => page.content()).not.toContain('hush hush');

    await button('Change OVEN').click();
    await dialog().getByLabel('Value').fill('230');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /OVEN/ }).getByText('230').waitFor();
    await button('Remove OVEN').click();
    await page.getByRole('row', { name: /OVEN/ }).waitFor({ state: 'detached' });
    await button('Undo').click();
    await page.getByRole('row', { name: /OVEN/ }).getByText('230').waitFor();

    await button('Remove TOKEN').click();
    await dialog().getByLabel('Type TOKEN to confirm').fill('TOKEN');
    await dialog().getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('row', { name: /TOKEN/ }).waitFor({ state: 'detached' });
  });

  test('a domain answers at once, and no longer once it is removed', async () => {
    await page.goto(`${app}/domains`);
    const live = section('live');
    await live.getByRole('button', { name: 'Add a domain' }).click();
    await dialog().getByLabel('Host name').fill('https://bread.example');
    await dialog().getByRole('button', { name: 'Add', exact: true }).click();
    await dialog().getByText('without http://, port or path').waitFor();
    await dialog().getByLabel('Host name').fill('Bread.example');
    await dialog().getByRole('button', { name: 'Add', exact: true }).click();
    await live.getByText('What to enter in the DNS').click();
    await live.getByText('Point bread.example to the address').waitFor();
    expect(await pageOf('bread.example')).toContain('Sell fresh bread');
    await live.getByRole('button', { name: 'Make primary' }).click();
    await live.getByRole('button', { name: 'Use the fixed name instead' }).waitFor();

    await live.getByRole('button', { name: 'Remove bread.example' }).click();
    await dialog().getByLabel('Type bread.example to confirm').fill('bread.example');
    await dialog().getByRole('button', { name: 'Remove' }).click();
    await live.getByText('Only the fixed name so far.').waitFor();
    expect(await pageOf('bread.example')).not.toContain('Sell fresh bread');
  });

  const pageOf = (host: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { port } = new URL(shop.environment('live').url);
      get({ host: '127.0.0.1', port, headers: { host }, agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => resolve(body));
      }).on('error', reject);
    });

  test('an environment is scaled, and nobody reloads to see it', async () => {
    await page.goto(`${app}/environments/live`);
    const rows = section('Instances').getByRole('row', { name: /web/ });
    await rows.first().getByText('Serving').waitFor();
    await section('Instances').getByRole('button', { name: 'Scale' }).click();
    const number = dialog().getByLabel('Instances');
    const action = dialog().getByRole('button', { name: 'Scale' });
    expect(await number.inputValue()).toBe('1');
    expect(await action.isDisabled()).toBe(true);
    await number.fill('2');
    expect(await accessibilityProblems(page)).toEqual([]);
    await action.click();
    await page.getByText('2 instances serve.').waitFor();
    await section('Instances').getByText('2 instances of web are wanted.').waitFor();
    await expect.poll(() => rows.filter({ hasText: 'Serving' }).count()).toBe(2);
    expect((await shop.page('live')).body).toContain('Sell fresh bread');

    await section('Instances').getByRole('button', { name: 'Scale' }).click();
    await number.fill('1');
    await dialog().getByLabel('Now').uncheck();
    await action.click();
    await section('Instances').getByText('One instance of web is wanted.').waitFor();
    expect(await rows.filter({ hasText: 'Serving' }).count()).toBe(2);
  });

  test('cron jobs are added, run, read and removed', async () => {
    await page.goto(`${app}/environments/live`);
    await page.getByRole('link', { name: 'Cron jobs' }).click();
    await page.getByText('No cron job yet').waitFor();
    await button('Add a cron job').click();
    await dialog().getByLabel('Command').fill('echo "the $OVEN is hot"');
    await dialog().getByLabel('Schedule').fill('often');
    await dialog().getByRole('button', { name: 'Add', exact: true }).click();
    await dialog()
      .getByText(/five fields/)
      .last()
      .waitFor();
    await dialog().getByLabel('Schedule').fill('0 3 * * *');
    await dialog().getByRole('button', { name: 'Add', exact: true }).click();
    const jobs = page.getByRole('list', { name: 'Cron jobs of this environment' });
    const job = jobs.getByRole('listitem').filter({ hasText: 'is hot' });
    await job.getByText('after the next deployment').waitFor();
    await job.getByText('It has not run yet.').waitFor();

    await job.getByRole('button', { name: /^Run now/ }).click();
    await job.getByText('Done', { exact: true }).waitFor();
    await section('What they write').getByText('is hot').waitFor();
    await job.getByText('Last runs').click();
    await job.getByRole('row', { name: /Done/ }).waitFor();
    for (const theme of ['light', 'dark'] as const) {
      await useTheme(page, theme);
      expect(await accessibilityProblems(page)).toEqual([]);
    }

    // Somebody else's is there, and how it ended, on a page that stayed open.
    const client = place.client();
    const { uuid: environment } = shop.environment('live');
    const other = await client.cron.create({ environment, command: 'exit 7', schedule: '@daily' });
    const theirs = jobs.getByRole('listitem').filter({ hasText: 'exit 7' });
    await theirs.waitFor();
    await client.cron.run(other.uuid);
    await theirs.getByText('Failed', { exact: true }).waitFor();
    await client.cron.remove(other.uuid);
    await theirs.waitFor({ state: 'detached' });

    await job.getByRole('button', { name: /^Remove/ }).click();
    await dialog().getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No cron job yet').waitFor();
  });

  test('stopping is confirmed by name, and taken back at once', async () => {
    await page.goto(`${app}/environments/live`);
    await button('Stop').click();
    await dialog().getByLabel('Type live to confirm').fill('live');
    await dialog().getByRole('button', { name: 'Stop' }).click();
    await badge('stopped').waitFor();
    expect((await shop.page('live')).status).toBe(503);
    await button('Undo').click();
    await badge('serving').waitFor();
    expect((await shop.page('live')).body).toContain('Sell fresh bread');
  });

  test('axe finds nothing on these pages, nor in their dialogs', async () => {
    const problems: string[] = [];
    const look = async (name: string) => {
      for (const theme of ['light', 'dark'] as const) {
        await useTheme(page, theme);
        const found = await accessibilityProblems(page);
        problems.push(...found.map((problem) => `${name}, ${theme}: ${problem}`));
      }
    };
    await page.goto(firstDeployment);
    await page.locator('[data-step="FINALIZING"]').waitFor();
    await look('deployment');
    await button('Roll back to this release').click();
    await look('roll back');
    await page.goto(`${app}/environments/live`);
    await page.getByRole('img', { name: /Memory: now/ }).waitFor();
    await page.getByText('Numbers as a table').first().click();
    await look('environment');
    await page.goto(`${app}/variables`);
    await button('Add a variable').click();
    await look('add a variable');
    await page.goto(`${app}/domains`);
    await button('Add a domain').first().click();
    await look('add a domain');
    await page.goto(`${app}/deployments`);
    await badge('SUCCEEDED').waitFor();
    await look('deployments');
    expect(problems).toEqual([]);
    expect(browser.complaints()).toEqual([]);
  });
});
