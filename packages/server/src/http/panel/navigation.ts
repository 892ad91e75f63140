import type { IncomingMessage } from 'node:http';

/** Where the page is served from inside; no address for people. */
export const PAGE_URL = '/panel/page';

/**
 * The panel's addresses. `/builds/7`, `/jobs/7` and a few more are addresses of the Travis API as well (spec/travis.md 15):
 * what a browser goes to is a page, what a program asks for is data.
 */
const PAGES =
  /^\/($|(sign-in|import|people|machine-users|audit-log|runners|images|system)\/?$|(setup|invitation|deployments|jobs|builds)\/[^/]+\/?$|applications(\/|$)|account(\/|$)|o\/[^/]+\/app\/|control\/)/;

/** True for a browser going to one of the panel's pages: it asks for HTML before anything else. */
export function isPageVisit({ method, url, headers }: IncomingMessage): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  if (headers.authorization !== undefined) return false;
  if (!/^\s*(text\/html|application\/xhtml\+xml)\b/i.test(headers.accept ?? '')) return false;
  return PAGES.test((url ?? '').replace(/[?#].*$/, ''));
}

/** Turns a visit into a request for the page; the browser's address stays what it is. */
export const rewritePageVisit = (request: IncomingMessage): string =>
  isPageVisit(request) ? PAGE_URL : (request.url ?? '/');
