/**
 * Takes a picture of every page of the panel for `docs/images/panel/`: `node script/lib/screenshots.ts [NAME ...]`. The
 * pages show a server that this script starts and fills; nothing in them is drawn by hand.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lacksChromium, openBrowser, signIn, useTheme } from '../../e2e/support/browser.ts';
import { type PanelPage, panelPages, visit } from '../../e2e/support/panel-pages.ts';
import { createShowcase } from '../../e2e/support/showcase.ts';
import { ADMIN } from '../../e2e/support/site.ts';

const DIRECTORY = 'docs/images/panel';
/** Also in the dark, and on a phone: enough to see that they can. */
const DARK = ['dashboard', 'build', 'job'];
const PHONE = ['dashboard', 'application', 'job'];

if (lacksChromium()) process.exit(1);
const wanted = process.argv.slice(2);
await mkdir(DIRECTORY, { recursive: true });
const showcase = await createShowcase();
const browser = await openBrowser(showcase.place.installation.url());
try {
  const desktop = await browser.page({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  const phone = await browser.page({ viewport: { width: 390, height: 844 }, locale: 'en-GB' });
  const all = panelPages(showcase).filter(
    ({ name }) => wanted.length === 0 || wanted.includes(name),
  );
  for (const page of all.filter(({ signedOut }) => signedOut)) await take(desktop, page, page.name);
  for (const page of [desktop, phone]) await signIn(page, ADMIN.email, ADMIN.password);
  for (const page of all.filter(({ signedOut }) => !signedOut)) {
    await useTheme(desktop, 'light');
    await take(desktop, page, page.name);
    if (DARK.includes(page.name)) {
      await useTheme(desktop, 'dark');
      await take(desktop, page, `${page.name}-dark`);
    }
    if (PHONE.includes(page.name)) await take(phone, page, `${page.name}-phone`);
  }
} finally {
  await browser.close();
  await showcase.place.destroy();
}

async function take(
  page: Awaited<ReturnType<typeof browser.page>>,
  one: PanelPage,
  name: string,
): Promise<void> {
  await visit(page, one);
  await page.waitForLoadState('load');
  // Charts and lists that follow the first answer.
  await page.waitForTimeout(600);
  await page.screenshot({ path: join(DIRECTORY, `${name}.png`), fullPage: name !== 'job' });
  console.log(`${DIRECTORY}/${name}.png`);
}
