import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { findProgram, lacks } from '@sluice/testing';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Catches a hang; a busy machine is no fault. */
const PATIENCE_MS = 120_000;

/** For `test.skipIf`: Debian's package is optional, except in CI. */
export const lacksChromium = (): boolean =>
  lacks('needs chromium (apt-get install chromium)', findProgram(CHROMIUM) !== null);

export interface TestBrowser {
  /** A page of its own, signed in to nothing; `open` gives the context's options. */
  page(options?: Parameters<Browser['newContext']>[0]): Promise<Page>;
  /**
   * What went wrong in any page so far: errors of scripts and of the policy, and requests to another host. Refused
   * requests (4xx) are part of many stories and not among them.
   */
  complaints(): readonly string[];
  close(): Promise<void>;
}

/** Debian's Chromium, headless, at the panel of a server. `url` is the server's; its host becomes `localhost`, for passkeys. */
export async function openBrowser(url: string): Promise<TestBrowser> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const complaints: string[] = [];
  const origin = panelOrigin(url);
  return {
    page: async (options = {}) => {
      const context = await browser.newContext({ baseURL: origin, ...options });
      context.setDefaultTimeout(PATIENCE_MS);
      watch(context, origin, complaints);
      return context.newPage();
    },
    complaints: () => complaints,
    close: () => browser.close(),
  };
}

function panelOrigin(url: string): string {
  const { port } = new URL(url);
  return `http://localhost:${port}`;
}

function watch(context: BrowserContext, origin: string, complaints: string[]): void {
  context.on('weberror', (error) => complaints.push(String(error.error().stack)));
  context.on('console', (message) => {
    // The server being away is part of stories about crashes.
    const isExpected = /Failed to load resource|ERR_CONNECTION_REFUSED/.test(message.text());
    if (message.type() === 'error' && !isExpected) complaints.push(message.text());
  });
  context.on('request', (request) => {
    const isOwn = request.url().startsWith(`${origin}/`) || /^(data|blob):/.test(request.url());
    if (!isOwn) complaints.push(`asks another host: ${request.url()}`);
  });
}

/** Signs in by the page, as a person would. */
export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface AxeResult {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds against WCAG 2.2 AA on the page as it is now, a line each; empty when there is nothing. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async (values) => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: AxeResult[] }> };
    };
    return (await axe.run({ runOnly: { type: 'tag', values } })).violations;
  }, RULES);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      (node) => `${id}: ${help}\n  ${node.html.slice(0, 300)}\n  ${node.failureSummary ?? ''}`,
    ),
  );
}

export type Theme = 'light' | 'dark';

/** As the system's setting would; answers once the page is painted in it. */
export async function useTheme(page: Page, theme: Theme): Promise<void> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await page.waitForFunction(
    `getComputedStyle(document.documentElement).colorScheme === '${theme}'`,
  );
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))');
}
