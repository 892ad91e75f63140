import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { PAGE_URL, rewritePageVisit } from './navigation.ts';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

function goTo(
  url: string,
  headers: IncomingMessage['headers'] = { accept: BROWSER },
  method = 'GET',
) {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { url, method, headers });
  return rewritePageVisit(request);
}

test.each([
  '/',
  '/?from=mail',
  '/sign-in?next=%2Fpeople',
  '/images',
  '/setup/abc',
  '/builds/7',
  '/jobs/7',
  '/deployments/0190-a',
  '/applications',
  '/applications/1-site/environments/live',
  '/account/desktop-client/access-token/',
  '/o/1/app/2/',
  '/control/x/edit/3/whatever/',
])('a browser at %s gets the page', (url) => {
  expect(goTo(url)).toBe(PAGE_URL);
});

test.each([
  '/apps/v3/applications/',
  '/acme/site.git/info/refs?service=git-upload-pack',
  '/auth/oidc/start',
  '/builds/',
  '/builds/7/cancel',
  '/api/openapi.json',
  '/panel/theme.js',
  '/healthz',
])('%s is not a page', (url) => {
  expect(goTo(url)).toBe(url);
});

test('programs get data where browsers get pages', () => {
  for (const accept of ['application/json', '*/*', 'application/vnd.travis-ci.2+json', undefined]) {
    expect(goTo('/builds/7', accept === undefined ? {} : { accept })).toBe('/builds/7');
  }
  expect(goTo('/builds/7', { accept: BROWSER, authorization: 'token x' })).toBe('/builds/7');
  expect(goTo('/setup/abc', { accept: BROWSER }, 'POST')).toBe('/setup/abc');
});
