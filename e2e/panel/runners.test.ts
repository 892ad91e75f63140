import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  accessibilityProblems,
  lacksChromium,
  openBrowser,
  signIn,
  type TestBrowser,
} from '../support/browser.ts';
import { type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { ADMIN, createPlace, type Place } from '../support/site.ts';

describe.skipIf(lacksChromium())('the runners in the panel', () => {
  let place: Place;
  let browser: TestBrowser;
  let page: Page;
  let runner: RunnerProcess | null = null;

  beforeAll(async () => {
    place = await createPlace({ flags: ['--runner-concurrency', '0'] });
    browser = await openBrowser(place.installation.url());
    page = await browser.page();
    await signIn(page, ADMIN.email, ADMIN.password);
  });
  afterAll(async () => {
    await runner?.destroy();
    await browser?.close();
    await place?.destroy();
  });

  test('one is added by the command that the page gives, paused, resumed and removed', async () => {
    await page.goto('/runners');
    await page.getByText('No runner yet').waitFor();
    const site = await place.createApplication('shop');
    await site.push('first', { '.travis.yml': 'language: generic\nscript: echo built\n' });
    const job = async () => {
      const { results } = await place.client().builds.list({ application: site.application.uuid });
      const [build] = results;
      return build === undefined ? null : (await place.client().builds.get(build.id)).jobs[0];
    };
    await expect.poll(async () => (await job())?.state).toBe('queued');
    const id = (await job())?.id ?? 0;
    await page.goto(`/jobs/${id}`);
    await page.getByText('Waits for a runner; there is none.').waitFor();

    await page.goto('/runners');
    await page.getByRole('button', { name: 'Add a runner' }).click();
    await page.getByRole('button', { name: 'Make the command' }).click();
    const command = page.getByText(/^sluice runner --server/);
    await command.waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    const [, token = ''] = /--token (\S+)/.exec((await command.textContent()) ?? '') ?? [];
    await page.getByRole('button', { name: 'Close' }).click();
    const words = ['--name', 'annex', '--label', 'room=2'];
    runner = await startRunner(place.installation.url(), token, words);
    const row = page.getByRole('row').filter({ hasText: 'annex' });
    await row.getByText('Online').waitFor();
    await row.getByText('room=2').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await expect.poll(async () => (await job())?.state).toBe('passed');

    await row.getByRole('button', { name: 'Pause annex' }).click();
    await row.getByText('Paused').waitFor();
    await row.getByRole('button', { name: 'Resume annex' }).click();
    await row.getByText('Online').waitFor();
    await row.getByRole('button', { name: 'Remove annex' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Type annex').or(dialog.getByRole('textbox')).first().fill('annex');
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('No runner yet').waitFor();
    expect(await runner.ended()).toBe(1);
    expect(runner.output()).toContain('The server does not know this runner');
  });
});
