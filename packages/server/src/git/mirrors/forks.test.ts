import { expect, test } from 'vitest';
import { parseAddress } from './address.ts';
import { judgeFork } from './forks.ts';

const judge = (base: string, fork: string) => {
  const [from, to] = [base, fork].map((text) => parseAddress(text, ['https', 'http', 'ssh']));
  if (from === undefined || to === undefined) throw new Error('two addresses');
  return judgeFork(from, to).withCredential;
};
const BASE = 'https://bitbucket.org/acme/shop.git';

test.each([
  ['of the same owner', BASE, 'https://bitbucket.org/Acme/shop-2.git', true],
  ['of somebody else', BASE, 'https://bitbucket.org/eve/shop.git', false],
  ['of an owner of a similar name', BASE, 'https://bitbucket.org/acme-evil/shop.git', false],
  [
    'of a base over ssh',
    'git@bitbucket.org:acme/shop.git',
    'https://bitbucket.org/acme/s.git',
    false,
  ],
])('a fork %s', (_what, base, fork, withCredential) => {
  expect(judge(base, fork)).toBe(withCredential);
});

test.each([
  ['another host', 'https://evil.example/eve/shop.git'],
  ['a host of a similar name', 'https://bitbucket.org.evil.example/eve/shop.git'],
  ['another port', 'https://bitbucket.org:8443/eve/shop.git'],
  ['another protocol', 'http://bitbucket.org/eve/shop.git'],
  ['ssh', 'ssh://git@bitbucket.org/eve/shop.git'],
])('is refused at %s', (_what, fork) => {
  expect(() => judge(BASE, fork)).toThrow('lies at another host');
});
