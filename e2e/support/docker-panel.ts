import type { Page } from 'playwright-core';
import { openBrowser, signIn, type TestBrowser } from './browser.ts';
import { createDockerPlace, type DockerPlace } from './docker-place.ts';
import { ADMIN, type Site } from './site.ts';

/** An application on the local Docker Engine, and an administrator who looks at the panel. */
export interface DockerPanel {
  readonly engine: DockerPlace;
  /** The application `shop`; nothing is pushed yet. */
  readonly site: Site;
  /** Where the panel shows it. */
  readonly path: string;
  readonly browser: TestBrowser;
  readonly page: Page;
  close(): Promise<void>;
}

export async function openDockerPanel(flags: readonly string[]): Promise<DockerPanel> {
  const engine = await createDockerPlace(flags);
  const site = await engine.place.createApplication('shop');
  const browser = await openBrowser(engine.place.installation.url());
  const page = await browser.page();
  await signIn(page, ADMIN.email, ADMIN.password);
  return {
    ...{ engine, site, browser, page },
    path: `/applications/${site.application.id}-shop`,
    close: async () => {
      await browser.close();
      await engine.destroy();
    },
  };
}
