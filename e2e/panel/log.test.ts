import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lacksChromium, openBrowser, signIn, type TestBrowser } from '../support/browser.ts';
import {
  ADMIN,
  createPlace,
  type Place,
  type Site,
  travis,
  webApplication,
} from '../support/site.ts';

/** The first prints everything that a log can show, the second one line for as long as it runs. */
const TRAVIS = `language: generic
install: sh install.sh
jobs:
  include:
    - name: Colours
      script: sh tests.sh
    - name: Short
      script: echo nothing special
`;
const TESTS = String.raw`printf '\033[31mred words\033[0m and \033[38;5;21mdeep blue\033[0m\n'
printf 'progress 10%%\rprogress 60%%\rprogress 100%%\n'
for n in $(seq 1 300); do echo "case number $n passes"; done
echo "the needle"
for n in $(seq 301 600); do echo "case number $n passes"; done
echo "another NEEDLE here"
echo "all is well"
`;
const TICKS = `language: generic
script:
  - for n in $(seq 1 200); do echo "early $n"; done
  - for n in $(seq 1 80); do echo "tick $n of 80"; sleep 0.25; done
`;
const BIG_BYTES = 100 * 1024 * 1024;

describe.skipIf(lacksChromium())('a log in the panel', () => {
  let place: Place;
  let site: Site;
  let browser: TestBrowser;
  let page: Page;
  let jobs: Map<string | null, number>;

  beforeAll(async () => {
    place = await createPlace();
    site = await place.createApplication('logs');
    const sha = await site.push('Print much', {
      '.travis.yml': TRAVIS,
      'install.sh': 'echo installed one thing\necho and another\n',
      'tests.sh': TESTS,
    });
    const build = await built(sha);
    jobs = new Map(build.jobs.map((job) => [job.name, job.id]));
    browser = await openBrowser(place.installation.url());
    page = await browser.page({ permissions: ['clipboard-read', 'clipboard-write'] });
    await signIn(page, ADMIN.email, ADMIN.password);
  });

  afterAll(async () => {
    await browser?.close();
    await place?.destroy();
  });

  /** The build of a commit once it has ended, or with `started` once its first job runs. */
  async function built(sha: string, wanted: 'ended' | 'started' = 'ended') {
    const client = place.client();
    for (;;) {
      const { results } = await client.builds.list({ application: site.application.uuid, sha });
      const [found] = results;
      if (found !== undefined) {
        const build = await client.builds.get(found.id);
        if (wanted === 'ended' && build.finished_at !== null) return build;
        if (wanted === 'started' && build.jobs.some((job) => job.started_at !== null)) return build;
      }
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  const open = async (name: string, hash = '') => {
    // From elsewhere: a change of the hash alone would load nothing.
    await page.goto('about:blank');
    await page.goto(`/jobs/${jobs.get(name)}${hash}`);
    await log().locator('[data-line]').first().waitFor();
  };
  const log = () => page.getByRole('region', { name: 'Lines of the log' });
  const row = (text: string) => log().locator('[data-line]', { hasText: text });
  const numbers = () =>
    log()
      .locator('[data-line]')
      .evaluateAll((rows) => rows.map((one) => Number(one.getAttribute('data-line'))));
  const numberOf = async (text: string) =>
    Number(await row(text).first().getAttribute('data-line'));

  test('opens at its end, folds what passed, and shows what a terminal would', async () => {
    await open('Colours');
    await row('all is well').waitFor();
    await page.getByRole('button', { name: 'To the top' }).click();
    const fold = log().getByRole('button', { name: /sh install\.sh/ });
    await fold.waitFor();
    expect(await fold.getAttribute('aria-expanded')).toBe('false');
    expect(await row('installed one thing').count()).toBe(0);
    await fold.click();
    await row('installed one thing').waitFor();
    await fold.click();
    await row('installed one thing').waitFor({ state: 'detached' });

    await page.getByRole('searchbox', { name: 'Find in the log' }).fill('red words');
    await row('red words and deep blue').waitFor();
    await page.getByRole('searchbox', { name: 'Find in the log' }).fill('');
    const red = log().locator('span', { hasText: /^red words$/ });
    const colour = await red.evaluate((span) => getComputedStyle(span).color);
    const [r = 0, g = 0, b = 0] = (colour.match(/\d+/g) ?? []).map(Number);
    expect(r > g + 50 && r > b + 50, colour).toBe(true);
    await row('progress 100%').waitFor();
    expect(await row('progress 10%').filter({ hasText: '60%' }).count()).toBe(0);
    const all = await log().textContent();
    expect(all).not.toMatch(/travis_(fold|time)/);
    expect(all).not.toContain('\u001b');
  });

  test('finds a text anywhere in it, and goes from match to match', async () => {
    await open('Colours');
    const box = page.getByRole('searchbox', { name: 'Find in the log' });
    await box.fill('needle');
    await row('another NEEDLE here').waitFor();
    // What stands in sight or below comes first.
    await page.getByText('2 of 2').waitFor();
    await box.press('Enter');
    await page.getByText('1 of 2').waitFor();
    await row('the needle').waitFor();
    expect(await row('the needle').locator('mark').textContent()).toBe('needle');
    await page.getByRole('button', { name: 'Previous match' }).click();
    await row('another NEEDLE here').waitFor();
    await box.fill('nowhere to be found');
    await page.getByText('Not found').waitFor();
  });

  test('has addresses of lines and ranges, by mouse and by keyboard', async () => {
    await open('Colours');
    await page.getByRole('searchbox', { name: 'Find in the log' }).fill('the needle');
    await row('the needle').waitFor();
    const line = await numberOf('the needle');
    await log()
      .getByRole('link', { name: `Line ${line}`, exact: true })
      .click();
    await expect.poll(() => new URL(page.url()).hash).toBe(`#L${line}`);
    await log()
      .getByRole('link', { name: `Line ${line + 3}`, exact: true })
      .click({ modifiers: ['Shift'] });
    await expect.poll(() => new URL(page.url()).hash).toBe(`#L${line}-L${line + 3}`);
    await page.getByRole('button', { name: 'Copy 4 lines' }).click();
    await expect
      .poll(() => page.evaluate(() => navigator.clipboard.readText()))
      .toMatch(/^the needle\ncase number 301 passes\n/);

    await open('Colours', `#L${line}-L${line + 1}`);
    await row('the needle').waitFor();
    expect(await log().locator('[data-chosen]').count()).toBe(2);
    await log().press('j');
    await expect.poll(() => new URL(page.url()).hash).toBe(`#L${line + 2}`);
    await log().press('Shift+K');
    await expect.poll(() => new URL(page.url()).hash).toBe(`#L${line + 1}-L${line + 2}`);
  });

  test('a permalink into a closed fold opens it', async () => {
    await open('Colours');
    await page.getByRole('button', { name: 'Open all' }).click();
    await page.getByRole('button', { name: 'To the top' }).click();
    await row('and another').waitFor();
    const line = await numberOf('and another');
    await open('Colours', `#L${line}`);
    await row('and another').waitFor();
  });

  test('shows times in the reader’s zone, and is downloaded as it was written', async () => {
    await open('Short');
    await page.getByRole('button', { name: 'Times' }).click();
    const time = row('nothing special').last().locator('time');
    expect(await time.textContent()).toMatch(/^\d\d:\d\d:\d\d$/);
    const at = new Date((await time.getAttribute('datetime')) ?? '');
    const shown = await page.evaluate(
      (iso) => new Date(iso).toLocaleTimeString('en-GB'),
      at.toISOString(),
    );
    expect(await time.textContent()).toBe(shown);
    await page.getByRole('button', { name: 'Times' }).click();

    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Raw log' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/^job-1\.2\.log$/);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(Buffer.from(chunk));
    expect(Buffer.concat(chunks).toString()).toContain('\u001b[0K$ echo nothing special\n');
  });

  test('a log of 100 MB opens, keeps few rows in the page, and shows any of its lines', async () => {
    const job = jobs.get('Short');
    const lines = await writeBigLog(join(place.installation.dataDir, 'logs', `job-${job}-1.log`));
    await open('Short');
    await row(`line ${lines} `).waitFor();
    expect((await numbers()).length).toBeLessThan(150);

    await page.getByRole('button', { name: 'To the top' }).click();
    await row('line 1 ').first().waitFor();
    // By the scrollbar, to the middle.
    await log().evaluate((box) => {
      box.scrollTop = box.scrollHeight / 2;
    });
    await expect
      .poll(async () => Math.abs(((await numbers())[0] ?? 0) - lines / 2))
      .toBeLessThan(lines / 50);
    const middle = (await numbers())[20] ?? 0;
    await row(`line ${middle} `).waitFor();
    // By small steps nothing is skipped.
    const before = (await numbers())[0] ?? 0;
    await log().hover();
    await page.mouse.wheel(0, 20 * 24);
    await expect.poll(async () => (await numbers())[0]).toBe(before + 20);
    expect((await numbers()).length).toBeLessThan(150);

    await page.getByRole('searchbox', { name: 'Find in the log' }).fill(`line ${lines - 7} `);
    await row(`line ${lines - 7} `).waitFor();
    await open('Short', `#L${lines - 100_000}`);
    await row(`line ${lines - 100_000} `).waitFor();
    expect((await numbers()).length).toBeLessThan(150);
  });

  test('a job that runs is watched: lines come in order, following pauses and goes on', async () => {
    const sha = await site.push('Tick', { '.travis.yml': TICKS });
    const build = await built(sha, 'started');
    await page.goto(`/jobs/${build.jobs[0]?.id}`);
    await row('tick 3 of 80').waitFor();
    expect(await log().getAttribute('data-following')).toBe('true');
    // It is not over: what is shown came while it runs.
    expect((await place.client().builds.get(build.id)).finished_at).toBeNull();

    await log().hover();
    await page.mouse.wheel(0, -1_000);
    await expect.poll(() => log().getAttribute('data-following')).toBe('false');
    const fresh = page.getByRole('button', { name: /^\d+ new lines?$/ });
    const counted = (await fresh.textContent()) ?? '';
    const shown = await numbers();
    await expect.poll(() => fresh.textContent()).not.toBe(counted);
    expect(await numbers()).toEqual(shown);
    await fresh.click();
    await expect.poll(() => log().getAttribute('data-following')).toBe('true');

    await row('tick 80 of 80').waitFor();
    await page.getByText('The log is complete.').waitFor();
    const texts = await log().locator('[data-line]').allTextContents();
    const ticks = texts.flatMap((text) => /tick (\d+) of 80$/.exec(text)?.[1] ?? []).map(Number);
    expect(ticks).toEqual(Array.from({ length: ticks.length }, (_, n) => 81 - ticks.length + n));
    await page.getByText('Passed').first().waitFor();
  });

  test('a job that runs again has a log for each attempt', async () => {
    await open('Colours');
    await page.getByRole('button', { name: 'Restart' }).click();
    await page.getByRole('combobox', { name: 'Attempt' }).waitFor();
    await page.getByText('Passed').first().waitFor();
    await row('all is well').waitFor();
    await page.getByRole('combobox', { name: 'Attempt' }).selectOption('1');
    await page.getByText('You are looking at attempt 1').waitFor();
    await row('all is well').waitFor();
    expect(await page.getByRole('link', { name: 'Raw log' }).getAttribute('href')).toContain(
      'attempt=1',
    );
  });

  test('a deployment and an environment show theirs in the same way', async () => {
    const beat =
      'import threading\ndef beat():\n    n = 0\n    while True:\n        n += 1\n        print("beat", n, flush=True)\n        time.sleep(0.3)\nthreading.Thread(target=beat, daemon=True).start()\n';
    const sha = await site.push('Serve', {
      ...webApplication('<h1>Here</h1>', beat),
      ...travis('true'),
    });
    await place.client().deployments.create({
      environment: site.environment('test').uuid,
      commit: sha,
    });
    const { environments } = await site.until(sha, 'test', (state) => state === 'live');
    const uuid = environments.find(({ slug }) => slug === 'test')?.deployment;
    await page.goto(`/deployments/${uuid}`);
    await row('Deployment SUCCEEDED').waitFor();
    const section = log().getByRole('button', { name: /^git checkout/ });
    expect(await section.getAttribute('aria-expanded')).toBe('false');
    await section.click();
    expect(await section.getAttribute('aria-expanded')).toBe('true');

    const app = `${site.application.id}-${site.application.slug}`;
    await page.goto(`/applications/${app}/environments/test`);
    await row('beat').last().waitFor();
    const newest = async () => {
      const texts = await row('beat').allTextContents();
      return Math.max(...texts.map((text) => Number(/beat (\d+)$/.exec(text)?.[1] ?? 0)));
    };
    const before = await newest();
    await expect.poll(newest).toBeGreaterThan(before + 3);
  });

  test('nothing went wrong in the browser meanwhile', () => {
    expect(browser.complaints()).toEqual([]);
  });
});

/** Lines `line N ...` until it is 100 MB; answers how many. */
async function writeBigLog(file: string): Promise<number> {
  const out = createWriteStream(file);
  let bytes = 0;
  let line = 0;
  while (bytes < BIG_BYTES) {
    const part: string[] = [];
    for (let count = 0; count < 10_000; count += 1) {
      line += 1;
      part.push(`line ${line} of a log that nobody would print by hand, with some more words\n`);
    }
    const text = part.join('');
    bytes += text.length;
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
  return line;
}
