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
import { type PanelPage, panelPages, visit } from '../support/panel-pages.ts';
import { createShowcase, type Showcase } from '../support/showcase.ts';
import { ADMIN } from '../support/site.ts';

/** A busy machine paints late, and a page still changes while its data comes: only what stays is a problem. */
async function lastingProblems(page: Page): Promise<string[]> {
  for (let look = 1; ; look += 1) {
    const found = await accessibilityProblems(page);
    if (found.length === 0 || look === 5) return found;
    await page.waitForTimeout(1_000);
  }
}

describe.skipIf(lacksChromium())('every page', () => {
  let showcase: Showcase;
  let browser: TestBrowser;
  let pages: PanelPage[];
  beforeAll(async () => {
    showcase = await createShowcase();
    browser = await openBrowser(showcase.place.installation.url());
    pages = panelPages(showcase);
  });
  afterAll(async () => {
    await browser?.close();
    await showcase?.place.destroy();
  });

  test('axe finds nothing in either theme, and every page has a title of its own', async () => {
    const problems: string[] = [];
    const titles = new Map<string, string>();
    const page = await browser.page();
    const look = async (all: readonly PanelPage[]) => {
      for (const one of all) {
        const { name } = one;
        await visit(page, one);
        for (const theme of ['light', 'dark'] as const) {
          await useTheme(page, theme);
          const found = await lastingProblems(page);
          problems.push(...found.map((problem) => `${name}, ${theme}: ${problem}`));
        }
        titles.set(name, await page.title());
      }
    };
    await look(pages.filter(({ signedOut }) => signedOut));
    await signIn(page, ADMIN.email, ADMIN.password);
    await look(pages.filter(({ signedOut }) => !signedOut));
    expect(problems).toEqual([]);
    expect([...titles.values()].every((title) => title.endsWith('· Sluice'))).toBe(true);
    expect(browser.complaints()).toEqual([]);
  });

  test('on a phone nothing sticks out to the side', async () => {
    const page = await browser.page({ viewport: { width: 360, height: 740 }, isMobile: true });
    await signIn(page, ADMIN.email, ADMIN.password);
    const wide: string[] = [];
    for (const one of pages.filter(({ signedOut }) => !signedOut)) {
      await visit(page, one);
      const width = await page.evaluate('document.documentElement.scrollWidth');
      if (Number(width) > 360) wide.push(`${one.name}: ${width} px`);
    }
    expect(wide).toEqual([]);
  });

  test('the first load stays below 200 kB, compressed', async () => {
    const sizes: Record<string, number> = {};
    for (const path of ['/sign-in', '/']) {
      const page = await browser.page();
      await signIn(page, ADMIN.email, ADMIN.password);
      const fresh = await browser.page({ storageState: await page.context().storageState() });
      const network = await fresh.context().newCDPSession(fresh);
      await network.send('Network.enable');
      let bytes = 0;
      network.on('Network.loadingFinished', ({ encodedDataLength }) => {
        bytes += encodedDataLength;
      });
      await fresh.goto(path);
      await fresh.getByText('bakery').first().waitFor();
      sizes[path] = bytes;
      expect(bytes).toBeGreaterThan(20_000);
      expect(bytes).toBeLessThan(200_000);
    }
  });
});
