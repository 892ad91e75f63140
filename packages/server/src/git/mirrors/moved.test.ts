import { expect, test } from 'vitest';
import { parseAddress } from './address.ts';
import { readRedirect } from './moved.ts';

const PROTOCOLS = ['https', 'ssh', 'http'];
const FROM = 'https://git.example/acme/shop.git';
const REFS = '/info/refs?service=git-upload-pack';
const read = (location: string, status = 301, from = FROM) =>
  readRedirect(parseAddress(from, PROTOCOLS), { status, location }, PROTOCOLS);

test.each([
  [
    'another name',
    `https://git.example/acme/store.git${REFS}`,
    'https://git.example/acme/store.git',
  ],
  ['a path alone', `/acme/store.git${REFS}`, 'https://git.example/acme/store.git'],
  ['without its query', '/acme/store.git/info/refs', 'https://git.example/acme/store.git'],
  ['its port written out', `https://git.example:443/a/b${REFS}`, 'https://git.example/a/b'],
])('%s at the same door is followed', (_what, location, url) => {
  expect(read(location)).toEqual({ kind: 'follow', url });
  expect(read(location, 308)).toEqual({ kind: 'follow', url });
  expect(read(location, 302)).toEqual({ kind: 'offer', url });
  expect(read(location, 307)).toEqual({ kind: 'offer', url });
});

test('the user in the address stays', () => {
  expect(read(`/acme/store${REFS}`, 301, 'https://ann@git.example/acme/shop')).toEqual({
    ...{ kind: 'follow', url: 'https://ann@git.example/acme/store' },
  });
});

test.each([
  [
    'another host',
    `https://evil.example/acme/shop.git${REFS}`,
    'https://evil.example/acme/shop.git',
  ],
  ['a host of a similar name', `https://git.example.evil.example/x${REFS}`],
  ['another port', `https://git.example:8443/acme/shop.git${REFS}`],
  ['another protocol', `http://git.example/acme/shop.git${REFS}`],
  ['with a password', `https://a:b@evil.example/x${REFS}`, 'https://evil.example/x'],
  ['this machine', `http://127.0.0.1:8080/x${REFS}`, 'http://127.0.0.1:8080/x'],
])('%s is only offered', (_what, location, url = location.replace(REFS, '')) => {
  expect(read(location)).toEqual({ kind: 'offer', url });
});

test.each([
  ['a program', `ext::sh${REFS}`],
  ['a file', `file:///etc${REFS}`],
  ['an option', `/-x/y${REFS}`],
])('%s is refused', (_what, location) => {
  expect(read(location)).toMatchObject({ kind: 'refuse' });
});

test.each([
  ['itself', FROM + REFS],
  ['a page for signing in', 'https://git.example/users/sign_in'],
  ['a page of another host', 'https://login.example/?next=/info/refs'],
  ['nothing that can be read', 'https://['],
])('%s means nothing', (_what, location) => {
  expect(read(location)).toBeNull();
});
