/**
 * The panel in a fresh browser on loopback, as Lighthouse would look at it: first and largest paint, time for which
 * scripts blocked the page, shifts of the layout, and bytes; beside a static page of the same server, which is
 * the least that a browser can do.
 *
 *   node bench/panel.ts [--rounds 5] [--json FILE]
 */
import type { Page } from 'playwright-core';
import { openBrowser, signIn } from '../e2e/support/browser.ts';
import { panelPages, visit } from '../e2e/support/panel-pages.ts';
import { createShowcase } from '../e2e/support/showcase.ts';
import { ADMIN } from '../e2e/support/site.ts';
import { medians, publish } from './lib.ts';

const at = process.argv.indexOf('--rounds');
const rounds = at < 0 ? 5 : Number(process.argv[at + 1]);
const NAMES = ['dashboard', 'application', 'build', 'job', 'deployment', 'insights'];

const OBSERVE = `
globalThis.__seen = { lcp: 0, blocked: 0, shift: 0 };
new PerformanceObserver((list) => { for (const e of list.getEntries()) __seen.lcp = e.startTime; })
  .observe({ type: 'largest-contentful-paint', buffered: true });
new PerformanceObserver((list) => { for (const e of list.getEntries()) __seen.blocked += Math.max(0, e.duration - 50); })
  .observe({ type: 'longtask', buffered: true });
new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) __seen.shift += e.value; })
  .observe({ type: 'layout-shift', buffered: true });
`;

const showcase = await createShowcase();
const browser = await openBrowser(showcase.place.installation.url());
try {
  const signedIn = await browser.page();
  await signIn(signedIn, ADMIN.email, ADMIN.password);
  const storageState = await signedIn.context().storageState();
  const pages = panelPages(showcase).filter(({ name }) => NAMES.includes(name));
  const rows = [
    {
      name: 'a static file',
      figures: await measure((page) => page.goto('/panel/icon-idle.svg')),
    },
  ];
  for (const page of pages) {
    rows.push({ name: page.name, figures: await measure((browser) => visit(browser, page)) });
  }
  await publish(
    {
      title: 'The panel, first visit',
      reference: 'a static file',
      columns: [
        { key: 'shown', title: 'data shown', unit: 'ms', better: 'lower' },
        { key: 'fcp', title: 'first paint', unit: 'ms', better: 'lower' },
        { key: 'lcp', title: 'largest paint', unit: 'ms', better: 'lower' },
        { key: 'blocked', title: 'blocked', unit: 'ms', better: 'lower' },
        { key: 'shift', title: 'layout shift', unit: '', better: 'lower' },
        { key: 'bytes', title: 'bytes', unit: 'B', better: 'lower' },
      ],
      rows,
      skipped: [],
      conditions: { rounds, budget: '200,000 B, blocked 200 ms, layout shift 0.1', cache: 'empty' },
    },
    process.argv.slice(2),
  );

  /** Medians over visits, each by a browser that has seen nothing before. */
  async function measure(go: (page: Page) => Promise<unknown>) {
    const visits: Record<string, number>[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const page = await browser.page({ storageState });
      await page.addInitScript(OBSERVE);
      const network = await page.context().newCDPSession(page);
      await network.send('Network.enable');
      let bytes = 0;
      network.on('Network.loadingFinished', (event) => {
        bytes += event.encodedDataLength;
      });
      const begun = performance.now();
      await go(page);
      const total = performance.now() - begun;
      await page.waitForTimeout(500);
      const seen = await page.evaluate<Record<string, number>>(
        `({ ...(globalThis.__seen ?? {}), fcp: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0 })`,
      );
      visits.push({ shown: total, bytes, ...seen });
      await page.context().close();
    }
    return medians(visits);
  }
} finally {
  await browser.close();
  await showcase.place.destroy();
}
