import { createHmac, randomUUID } from 'node:crypto';
import {
  createOutsideHost,
  createRepository,
  createSshHost,
  findProgram,
  lacks,
  type OutsideHost,
  SSHD,
  type TestRepository,
} from '@sluice/testing';
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
  let uuid: string;
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
    ({ uuid } = JSON.parse(created));
    browser = await openBrowser(place.installation.url());
    page = await browser.page();
    page.setDefaultTimeout(120_000);
    await signIn(page, ADMIN.email, ADMIN.password);
    await page.goto(`/applications/${id}-shop/settings`);
  });
  afterAll(async () => {
    await browser?.close();
    await place?.destroy();
    await host?.close();
    await work?.remove();
  });

  const region = (name: string) => page.getByRole('region', { name, exact: true });
  const dialog = () => page.getByRole('dialog');
  const press = (within: { getByRole: Page['getByRole'] }, name: string) =>
    within.getByRole('button', { name, exact: true }).click();
  const client = () => place.client();
  const source = async () =>
    client().sources.get((await client().applications.get(uuid)).repository_uuid);

  /** Posts a push as GitHub would; answers the status. */
  async function deliver(address: string, secret: string): Promise<number> {
    const body = JSON.stringify({
      ...{ ref: 'refs/heads/main', repository: { full_name: 'team/shop' }, at: Date.now() },
    });
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const { status } = await fetch(address, {
      ...{ method: 'POST', body },
      headers: {
        ...{ 'content-type': 'application/json', 'x-github-event': 'push' },
        ...{ 'x-github-delivery': randomUUID(), 'x-hub-signature-256': `sha256=${signature}` },
      },
    });
    return status;
  }

  test('is connected by its address and a token', async () => {
    await press(page, 'Connect an outside repository');
    await dialog().getByLabel('Address').fill('file:///etc');
    await press(dialog(), 'Connect');
    await page.getByText('Only http, https, ssh can be used here.').waitFor();
    await dialog().getByLabel('Address').fill(url);
    await dialog().getByLabel('User name').fill(host.user);
    await dialog().getByLabel('Token').fill(host.password);
    await press(dialog(), 'Connect');
    await page.getByText(`token of ${host.user}`).waitFor();
    await press(page, 'Fetch now');
    await page.getByText('Fetched.').waitFor();
  });

  test('a webhook is made, and its first delivery shows by itself', async () => {
    const webhook = region('Webhook');
    await webhook.getByLabel('Kind of host').selectOption('github');
    await press(webhook, 'Make a webhook');
    await webhook.getByText('No delivery has arrived yet.').waitFor();
    await webhook.getByText('Nothing has come by it yet.').waitFor();
    await webhook.getByText('Settings → Webhooks → Add webhook.').waitFor();
    const pre = webhook.locator('pre');
    const [address = '', secret = ''] = await pre.allTextContents();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await deliver(address, secret)).toBe(202);
    await page.getByText('A delivery arrived and its signature fits.').waitFor();
    await page.getByRole('cell', { name: 'done' }).waitFor();
    await press(webhook, 'Process again');
    await page.getByText('It is processed again.').waitFor();

    await press(webhook, 'Make a new secret');
    await press(dialog(), 'Make a new secret');
    await expect.poll(async () => (await pre.allTextContents())[1]).not.toBe(secret);
    expect(await deliver(address, secret)).toBe(403);
    const [, renewed = ''] = await pre.allTextContents();
    expect(await deliver(address, renewed)).toBe(202);
    await page.getByRole('cell', { name: 'refused' }).waitFor();
    await page.reload();
    await webhook.getByText('A delivery arrived').waitFor();
    await expect.poll(() => page.content()).not.toContain(renewed);
  });

  test('the token is removed and set again, and a deploy key gives way to another', async () => {
    const section = region('Repository');
    await press(section, 'Remove the token');
    await press(dialog(), 'Remove the token');
    await press(section, 'Set a token');
    expect((await source()).has_password).toBe(false);
    await dialog().getByLabel('User name').fill(host.user);
    await dialog().getByLabel('Token').fill(host.password);
    await press(dialog(), 'Save');
    await section.getByText(`token of ${host.user}`).waitFor();
    await dialog().waitFor({ state: 'detached' });
    await expect.poll(() => page.content()).not.toContain(host.password);

    // Made elsewhere: the page that is open shows it.
    await client().sources.makeKey((await source()).uuid);
    const key = section.locator('pre', { hasText: 'ssh-ed25519' });
    await key.waitFor();
    const before = await key.textContent();
    await press(section, 'Make a new key');
    await press(dialog(), 'Make a new key');
    await expect.poll(() => key.textContent()).not.toBe(before);
    expect(await key.textContent()).toBe((await source()).auth_info);
  });

  test('what goes wrong at the host is said, with what to do', async () => {
    host.be('refusing');
    await press(page, 'Fetch now');
    // Not on the whole page: a delivery that came before may be processed just now, and says so, too.
    const section = region('Repository');
    await section.getByText(/refuses the credential.*Give a token/).waitFor();
    await section.getByText('Last try').waitFor();
    host.be('up');
    await press(page, 'Fetch now');
    await section.getByText(/refuses the credential/).waitFor({ state: 'detached' });
  });

  test('pull requests, previews and commit statuses are set', async () => {
    const pulls = region('Pull requests');
    await pulls.getByLabel('Cancel running builds').check();
    await pulls.getByLabel('Hold the first build').check();
    await pulls.getByLabel('Merge by').selectOption('squash');
    await press(pulls, 'Save the pull request settings');
    const settings = () => client().pullRequests.settings(uuid);
    await expect
      .poll(settings)
      .toMatchObject({ approve_first: true, merge_method: 'squash', previews: false });

    const previews = region('Previews');
    await previews.getByLabel('Give every pull request').check();
    await previews.getByLabel('Previews at the same time').fill('2');
    await press(previews, 'Save the preview settings');
    await expect.poll(settings).toMatchObject({ previews: true, preview_limit: 2 });
    await previews.getByLabel('Name', { exact: true }).fill('API_KEY');
    await previews.getByLabel('Value', { exact: true }).fill('of-previews-only');
    await press(previews, 'Set the variable');
    await previews.getByRole('row', { name: 'API_KEY' }).getByText('never shown').waitFor();

    const statuses = region('Commit statuses');
    await statuses.getByLabel('Kind of host').selectOption('gitea');
    await statuses.getByLabel('Repository at the host').fill('shop');
    await statuses.getByLabel('Address of the API').fill('http://127.0.0.1:9/api/v1');
    await statuses.getByLabel('Token for statuses').fill('status-token');
    await press(statuses, 'Save where statuses go');
    await statuses.getByText('Give owner/name.').waitFor();
    await statuses.getByLabel('Repository at the host').fill('team/shop');
    await press(statuses, 'Save where statuses go');
    await statuses.getByText('team/shop, http://127.0.0.1:9/api/v1').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await expect.poll(() => page.content()).not.toContain('status-token');

    await press(statuses, 'Send no more statuses');
    await press(dialog(), 'Send no more statuses');
    await statuses.getByText('Builds and deployments are not shown at the host.').waitFor();
    await press(previews, 'Remove API_KEY of previews');
    await previews.getByText('None yet.').waitFor();
  });

  test('nothing sticks out on a telephone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.reload();
    await region('Webhook').getByRole('cell', { name: 'done' }).first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test.skipIf(lacks('no sshd (Debian: openssh-server)', findProgram(SSHD) !== null))(
    'an ssh host that shows another key is refused until a person accepts it',
    async () => {
      const ssh = await createSshHost();
      const origin = await createRepository();
      try {
        await origin.commit('first');
        const made = JSON.parse(
          await place.installation.must([
            ...['app', 'create', 'Keyed', '--repository', ssh.urlOf(origin.path), '--json'],
          ]),
        );
        await page.goto(`/applications/${made.id}-keyed/settings`);
        const section = region('Repository');
        const key = section.locator('pre', { hasText: 'ssh-ed25519' });
        await ssh.allow((await key.textContent()) ?? '');
        await press(section, 'Fetch now');
        await section.getByRole('cell', { name: 'SHA256:' }).waitFor();
        const before = await section.getByRole('cell', { name: 'SHA256:' }).textContent();
        await ssh.changeHostKey();
        await press(section, 'Fetch now');
        await section.getByText(/is refused. Accept it only if/).waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
        await press(section, 'Accept this key');
        await press(dialog(), 'Accept this key');
        await section.getByText(/is refused. Accept it only if/).waitFor({ state: 'detached' });
        const trusted = section.getByRole('cell', { name: 'SHA256:' });
        await expect.poll(() => trusted.textContent()).not.toBe(before);
      } finally {
        await ssh.close();
        await origin.remove();
      }
    },
  );

  test('it moves to another address, and home again', async () => {
    const { id } = await client().applications.get(uuid);
    await page.goto(`/applications/${id}-shop/settings`);
    const section = region('Repository');
    await press(section, 'Change the address');
    await dialog().getByLabel('Address').fill('ext::sh');
    await press(dialog(), 'Save');
    await dialog().getByRole('alert').waitFor();
    await dialog().getByLabel('Address').fill(url.replace('.git', ''));
    await press(dialog(), 'Save');
    await section.getByText(url.replace('.git', ''), { exact: true }).waitFor();
    await press(section, 'Host it here');
    await press(dialog(), 'Host it here');
    await page.getByText('Sluice hosts the repository of this application.').waitFor();
    expect((await source()).kind).toBe('hosted');
    expect(browser.complaints()).toEqual([]);
  });
});
