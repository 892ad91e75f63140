/**
 * Opening a log of 100 MB: its outline and the lines that a page shows first, those at its end. Beside the least that
 * anybody can do who wants to know how many lines it has: counting them with `wc -l`.
 *
 *   node bench/log-open.ts [--rounds 7] [--json FILE]
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { finished } from 'node:stream/promises';
import type { LogLines, LogMatches, LogOutline } from '@sluice/contract';
import { openBrowser, signIn } from '../e2e/support/browser.ts';
import { ADMIN, createPlace, travis } from '../e2e/support/site.ts';
import { findProgram, medians, outputOf, publish, type Row, type Skipped } from './lib.ts';

const BYTES = 100 * 1024 * 1024;
const at = process.argv.indexOf('--rounds');
const rounds = at < 0 ? 7 : Number(process.argv[at + 1]);

const place = await createPlace();
try {
  const site = await place.createApplication('bench');
  const client = place.client();
  await site.push('a short log', travis('true'));
  const short = await endedJob(1);
  await site.push('a long log', { ...travis('true'), long: 'yes' });
  const job = await endedJob(2);
  const logs = join(place.installation.dataDir, 'logs');
  const file = join(logs, `job-${job}-1.log`);
  await writeLog(file);

  const path = `/ci/v3/jobs/${job}/log/`;
  const open = async (): Promise<number> => {
    const begun = performance.now();
    const outline = await client.send<LogOutline>('GET', `${path}outline/`);
    const from = Math.max(1, outline.lines - 199);
    const { lines } = await client.send<LogLines>('GET', `${path}lines/`, { query: { from } });
    if (lines.at(-1)?.n !== outline.lines) throw new Error('the last line did not come');
    return performance.now() - begun;
  };

  const count: Record<string, number>[] = [];
  const first: Record<string, number>[] = [];
  const again: Record<string, number>[] = [];
  const search: Record<string, number>[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    // A server that has just been started knows no log.
    await place.installation.signal('SIGTERM');
    await place.installation.start();
    await client.jobs.get(job);
    const figures = {
      count: await timed(() => outputOf('wc', ['-l', file], 60_000)),
      first: await open(),
      again: await open(),
      search: await timed(() =>
        client.send<LogMatches>('GET', `${path}search/`, { query: { q: 'nowhere to be found' } }),
      ),
    };
    // The first round warms up the file's pages.
    if (round === 0) continue;
    count.push({ total: figures.count });
    first.push({ total: figures.first });
    again.push({ total: figures.again });
    search.push({ total: figures.search });
  }

  const { shown, skipped } = await inBrowser();
  await publish(
    {
      title: 'Opening a log of 100 MB',
      reference: 'wc -l',
      columns: [{ key: 'total', title: 'total', unit: 'ms', better: 'lower' }],
      rows: [
        { name: 'wc -l', figures: medians(count) },
        { name: 'sluice, outline and last 200 lines, never read before', figures: medians(first) },
        { name: 'sluice, the same again', figures: medians(again) },
        { name: 'sluice, searching all of it in vain', figures: medians(search) },
        ...shown,
      ],
      skipped,
      conditions: {
        rounds,
        bytes: BYTES,
        lines: 'of 20 to 120 bytes, some with colours and folds',
      },
    },
    process.argv.slice(2),
  );

  /** From the address to the first line in a browser that has shown the panel before. */
  async function inBrowser(): Promise<{ shown: Row[]; skipped: Skipped[] }> {
    if (findProgram('chromium', process.env['PATH'] ?? '') === null) {
      const reason = 'chromium is not installed (apt-get install chromium)';
      return { shown: [], skipped: [{ name: 'in Chromium', reason }] };
    }
    const browser = await openBrowser(place.installation.url());
    try {
      const page = await browser.page();
      await signIn(page, ADMIN.email, ADMIN.password);
      const show = async (id: number) => {
        await page.goto('about:blank');
        const begun = performance.now();
        await page.goto(`/jobs/${id}`, { waitUntil: 'commit' });
        await page.locator('[data-line] >> text=/./').first().waitFor();
        return { total: performance.now() - begun };
      };
      const of = async (name: string, id: number): Promise<Row> => {
        const visits: Record<string, number>[] = [];
        for (let round = 0; round <= rounds; round += 1) visits.push(await show(id));
        return { name, figures: medians(visits.slice(1)) };
      };
      const shown = [
        await of('Chromium, first line of a short log shown', short),
        await of('Chromium, first line of this one shown', job),
      ];
      return { shown, skipped: [] };
    } finally {
      await browser.close();
    }
  }

  async function endedJob(number: number): Promise<number> {
    for (;;) {
      const { results } = await client.builds.list({ application: site.application.uuid, number });
      const build = results[0] === undefined ? null : await client.builds.get(results[0].id);
      if (build?.finished_at) return build.jobs[0]?.id ?? 0;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
} finally {
  await place.destroy();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

async function writeLog(file: string): Promise<void> {
  const out = createWriteStream(file);
  let line = 0;
  for (let bytes = 0; bytes < BYTES; ) {
    let text = '';
    for (let count = 0; count < 5_000; count += 1) {
      line += 1;
      text += `\u001b[32mok\u001b[0m ${line} ${'some words '.repeat(line % 10)}\n`;
      if (line % 2_000 === 0) {
        text += `travis_fold:start:step.${line}\r\u001b[0K$ step ${line}\ntravis_fold:end:step.${line}\r\u001b[0K`;
      }
    }
    bytes += text.length;
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
}
