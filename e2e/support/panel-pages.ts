import type { Page } from 'playwright-core';
import type { Showcase } from './showcase.ts';

export interface PanelPage {
  /** Names the picture in `docs/images/panel/`. */
  readonly name: string;
  readonly path: string;
  /** Text that is there once the page shows its data. */
  readonly shows: string | RegExp;
  /** Before anybody has signed in. */
  readonly signedOut?: true;
}

/** Goes to the page and waits until it shows its data. */
export async function visit(page: Page, { path, shows }: PanelPage): Promise<void> {
  await page.goto(path);
  await page.getByText(shows).filter({ visible: true }).first().waitFor();
}

/** Every page of the panel, with something on it. */
export function panelPages(showcase: Showcase): PanelPage[] {
  const { shop, empty, builds, job, deployments, commits } = showcase;
  const app = `/applications/${shop.application.id}-bakery`;
  return [
    { name: 'sign-in', path: '/sign-in', shows: 'Sign in', signedOut: true },
    { name: 'dashboard', path: '/', shows: 'bakery' },
    { name: 'new-application', path: '/applications/new', shows: 'New application' },
    { name: 'import', path: '/import', shows: 'Import' },
    { name: 'application', path: app, shows: 'live' },
    {
      name: 'application-empty',
      path: `/applications/${empty.application.id}-newsletter`,
      shows: 'newsletter',
    },
    { name: 'commits', path: `${app}/commits`, shows: 'Buy flour' },
    { name: 'commit', path: `${app}/commits/${commits.broken}`, shows: 'Count the rolls again' },
    { name: 'pulls', path: `${app}/pulls`, shows: 'Pull requests' },
    { name: 'builds', path: `${app}/builds`, shows: 'Buy flour' },
    { name: 'deployments', path: `${app}/deployments`, shows: 'Succeeded' },
    { name: 'variables', path: `${app}/variables`, shows: 'OVEN' },
    { name: 'domains', path: `${app}/domains`, shows: 'Domains' },
    { name: 'images', path: `${app}/images`, shows: 'Kept for' },
    { name: 'insights', path: `${app}/insights`, shows: /deploy/i },
    { name: 'settings', path: `${app}/settings`, shows: 'Settings' },
    { name: 'environment', path: `${app}/environments/test`, shows: 'Serving' },
    { name: 'build', path: `/builds/${builds.passed}`, shows: 'Unit tests' },
    { name: 'build-failed', path: `/builds/${builds.failed}`, shows: 'Failed' },
    { name: 'job', path: `/jobs/${job}`, shows: '48 passed' },
    { name: 'deployment', path: `/deployments/${deployments.live}`, shows: 'Buy flour' },
    { name: 'deployment-failed', path: `/deployments/${deployments.failed}`, shows: 'Failed' },
    { name: 'people', path: '/people', shows: 'mira@example.com' },
    { name: 'machine-users', path: '/machine-users', shows: 'ci@example.com' },
    { name: 'audit-log', path: '/audit-log', shows: 'Audit log' },
    { name: 'runners', path: '/runners', shows: 'embedded' },
    { name: 'all-images', path: '/images', shows: 'By application' },
    { name: 'system', path: '/system', shows: 'System health' },
    { name: 'account', path: '/account', shows: 'Your account' },
    { name: 'security', path: '/account/security', shows: /two-factor/i },
    { name: 'tokens', path: '/account/tokens', shows: /token/i },
    { name: 'not-found', path: '/applications/999-nothing', shows: 'There is nothing here' },
  ];
}
