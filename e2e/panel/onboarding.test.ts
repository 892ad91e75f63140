import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { get, type RequestOptions } from 'node:http';
import { join, resolve } from 'node:path';
import { createOutsideHost, createRepository, type OutsideHost } from '@sluice/testing';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  accessibilityProblems,
  lacksChromium,
  openBrowser,
  signIn,
  type TestBrowser,
  useTheme,
} from '../support/browser.ts';
import { ADMIN, createPlace, type Place } from '../support/site.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../examples');

/** `fetch` would not send the Host by which the router finds the application. */
const request = (options: RequestOptions): Promise<{ status: number; text: string }> =>
  new Promise((answered, failed) => {
    get(options, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      answered({ status: response.statusCode ?? 0, text });
    }).on('error', failed);
  });

describe.skipIf(lacksChromium())('a new application in the panel', () => {
  let host: OutsideHost;
  let place: Place;
  let browser: TestBrowser;
  let page: Page;

  beforeAll(async () => {
    host = await createOutsideHost();
    place = await createPlace({
      flags: ['--mirror-local-networks', '--mirror-protocols=http,https,ssh'],
    });
    browser = await openBrowser(place.installation.url());
    page = await browser.page();
    await signIn(page, ADMIN.email, ADMIN.password);
  });
  afterAll(async () => {
    await browser?.close();
    await place?.destroy();
    await host?.close();
  });
  afterEach(() => {
    expect(browser.complaints()).toEqual([]);
  });

  const create = async (name: string): Promise<void> => {
    await page.goto('/applications/new');
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByRole('button', { name: 'Create the application' }).click();
    await page.getByRole('heading', { name: 'Where does the code come from?' }).waitFor();
  };
  const way = (title: string) => page.getByRole('button', { name: title }).click();
  /** In both themes. */
  const sound = async () => {
    for (const theme of ['dark', 'light'] as const) {
      await useTheme(page, theme);
      expect(await accessibilityProblems(page)).toEqual([]);
    }
  };
  /** The address that the page shows in the end; it is opened, as a person would. */
  const live = async (): Promise<string> => {
    await page.getByText('It is live:').waitFor();
    const address = await page.getByRole('link', { name: /^http:\/\/test-/ }).getAttribute('href');
    const { host, port } = new URL(address ?? '');
    const answer = await request({ host: '127.0.0.1', port, headers: { host } });
    expect(answer.status).toBe(200);
    return answer.text;
  };

  test('a name is judged while it is typed, and creates nothing yet', async () => {
    await create('Taken');
    await page.goto('/applications/new');
    await page.getByLabel('Name', { exact: true }).fill('Taken');
    await page.getByText('There is an application with this slug already.').waitFor();
    const button = page.getByRole('button', { name: 'Create the application' });
    expect(await button.isDisabled()).toBe(true);
    await page.getByLabel('Name', { exact: true }).fill('Taken not');
    await expect.poll(() => button.isDisabled()).toBe(false);
    await sound();
    const { count } = await place.client().applications.list();
    expect(count).toBe(1);
  });

  test('from an example: live in less than two minutes, without a reload', async () => {
    const begun = Date.now();
    await create('Pages');
    await sound();
    await way('Start from an example');
    await page.getByRole('button', { name: 'Start with Static pages' }).click();
    await page.getByRole('heading', { name: 'The first deployment' }).waitFor();
    expect(await live()).toContain('Hello from Sluice');
    expect(Date.now() - begun).toBeLessThan(120_000);
    await sound();
    await page.getByRole('link', { name: 'To the application' }).click();
    await page.getByRole('heading', { name: 'Pages', exact: true }).waitFor();
  });

  test('from an outside repository: checked, told by its webhook, deployed', async () => {
    const { url, work } = await host.create('team/outside');
    await work.commit('first', {
      'app.py': await readFile(join(EXAMPLES, 'python-site/app.py'), 'utf8'),
      Procfile: 'web: python3 app.py\n',
    });
    await work.git('push', '-q', 'origin', 'HEAD');
    await create('Outside');
    await way('Connect a repository');
    await page.getByRole('heading', { name: 'Where is it?' }).waitFor();
    await sound();
    await page.getByLabel('Address').fill('ext::sh -c true');
    const connect = page.getByRole('button', { name: 'Connect', exact: true });
    await connect.click();
    await expect.poll(() => page.locator('[aria-invalid=true]').count()).toBe(1);
    await page.getByLabel('Address').fill(url);
    await connect.click();
    // Without the token it is refused, and the page says what to do.
    await page.getByText('It cannot be read yet.').waitFor();
    await page.getByRole('button', { name: 'Set a token' }).click();
    await page.getByRole('dialog').getByLabel('User name').fill(host.user);
    await page.getByRole('dialog').getByLabel('Token').fill(host.password);
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByText('It can be read: its branch main is here.').waitFor();

    const webhook = page.getByRole('region', { name: 'Webhook', exact: true });
    await webhook.getByLabel('Kind of host').selectOption('github');
    await webhook.getByRole('button', { name: 'Make a webhook' }).click();
    await webhook.locator('pre').nth(1).waitFor();
    await sound();
    const [address = '', secret = ''] = await webhook.locator('pre').allTextContents();
    const body = JSON.stringify({
      ref: 'refs/heads/main',
      repository: { full_name: 'team/outside' },
    });
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const delivered = await fetch(address, {
      ...{ method: 'POST', body },
      headers: {
        ...{ 'content-type': 'application/json', 'x-github-event': 'push' },
        ...{ 'x-github-delivery': 'first', 'x-hub-signature-256': `sha256=${signature}` },
      },
    });
    expect(delivered.status).toBe(202);
    await page.getByText('The host tells of pushes.').waitFor();
    await page.getByRole('button', { name: 'Deploy main to test' }).click();
    await live();
    await work.remove();
  });

  test('from a pushed repository: noticed, proposed, committed with a token, deployed', async () => {
    await create('Pushed');
    await way('Push a repository');
    await page.getByText('Waiting for the first push').waitFor();
    await sound();
    const commands = await page.locator('pre').first().textContent();
    const address = /git remote add sluice (\S+)/.exec(commands ?? '')?.[1] ?? '';
    const work = await createRepository();
    await work.commit('Mine', {
      'app.py': await readFile(join(EXAMPLES, 'python-site/app.py'), 'utf8'),
      'test_app.py': 'import unittest\n',
    });
    const remote = new URL(address);
    remote.username = ADMIN.email;
    remote.password = place.token;
    await work.push(remote.href, 'HEAD:refs/heads/trunk');
    // The page goes on by itself.
    await page.getByText('Your code is here, on the branch trunk.').waitFor();
    await page.getByText('told by app.py').waitFor();
    await sound();
    const file = (path: string) => page.getByLabel(path, { exact: true });
    expect(await file('Procfile').inputValue()).toBe('web: python app.py\n');
    expect(await file('.travis.yml').inputValue()).toContain('provider: sluice');
    await page.getByRole('radio', { name: 'With a token in after_success' }).check();
    expect(await file('.travis.yml').inputValue()).toContain('sluice login $TOKEN');
    await page.getByText('A machine user is made').waitFor();
    await file('.travis.yml').fill(
      (await file('.travis.yml').inputValue()).replace(/^script:.*$/m, "script: 'true'"),
    );
    await page.getByLabel('Commit message').fill('Deploy from the panel');
    await page.getByRole('button', { name: 'Commit and deploy' }).click();
    expect(await live()).toContain('Hello from Sluice');

    await work.git('fetch', '-q', remote.href, 'trunk');
    const travis = await work.git('show', 'FETCH_HEAD:.travis.yml');
    expect(travis).toMatch(/secure: [A-Za-z0-9+/]{100,}/);
    expect(await work.git('show', '-s', '--format=%s %ae', 'FETCH_HEAD')).toBe(
      `Deploy from the panel ${ADMIN.email}`,
    );
    await work.remove();
  });

  test('from files of Travis CI and Heroku: checked, variables set, committed, live', async () => {
    await create('Imported');
    await way('Come from Travis CI or Heroku');
    await page.getByLabel('Text of .travis.yml').fill(`language: generic
services: docker
script: test -s index.html
env:
  global:
    - secure: "${'A'.repeat(172)}"
deploy:
  provider: heroku
`);
    await page.getByLabel('Text of app.json').fill(
      JSON.stringify({
        env: { SECRET_KEY: { generator: 'secret' }, MODE: { value: 'bright' } },
        addons: ['heroku-redis'],
      }),
    );
    await page.getByLabel('Drop files here, or choose them').setInputFiles([
      { name: 'index.html', mimeType: 'text/html', buffer: Buffer.from('<h1>Imported</h1>') },
      { name: 'photo.jpg', mimeType: 'image/jpeg', buffer: Buffer.from([0xff, 0xd8, 0, 1]) },
    ]);
    await page.getByText('photo.jpg is no text and was left out.').waitFor();
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    const findings = page.getByRole('region', { name: 'What is different here' });
    await findings.getByText('deploy: heroku').waitFor();
    for (const [subject, where] of [
      ['services: docker', '.travis.yml:2'],
      ['secure: env.global', '.travis.yml:6'],
      ['add-on heroku-redis', 'app.json:1'],
    ]) {
      const item = findings.getByRole('listitem').filter({ hasText: subject ?? '' });
      expect(await item.textContent()).toContain(where);
    }
    await sound();
    await page.getByLabel('Value of REDIS_URL').fill('redis://elsewhere/0');
    await page.getByRole('button', { name: 'Set the variables' }).click();
    await page.getByText('The variables are set').waitFor();
    const application = await place.client().applications.resolve('imported');
    const { results } = await place.client().variables.list({ application: application.uuid });
    const shown = results.map(({ name, value, is_sensitive }) => [name, value, is_sensitive]);
    expect(shown.toSorted()).toEqual([
      ['MODE', 'bright', false],
      ['MODE', 'bright', false],
      ['REDIS_URL', null, true],
      ['REDIS_URL', null, true],
      ['SECRET_KEY', null, true],
      ['SECRET_KEY', null, true],
    ]);
    await page.getByRole('button', { name: 'Commit these files' }).click();
    const proposed = page.getByLabel('.travis.yml', { exact: true });
    expect(await proposed.inputValue()).toContain('provider: sluice');
    expect(await proposed.inputValue()).not.toContain('heroku');
    await page.getByRole('button', { name: 'Commit and deploy' }).click();
    expect(await live()).toBe('<h1>Imported</h1>');
  });

  test('an import is checked without creating anything', async () => {
    await page.goto('/import');
    await page.getByLabel('Text of Procfile').fill('web: gunicorn shop.wsgi\nno process\n');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText('Procfile:2').waitFor();
    await page.getByText('Add --bind 127.0.0.1:$PORT.').waitFor();
    await sound();
  });
});
