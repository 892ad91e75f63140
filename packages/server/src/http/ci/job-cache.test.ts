import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApplicationKit, createApplicationKit } from './test/application-kit.ts';

let kit: ApplicationKit;
beforeAll(async () => {
  kit = await createApplicationKit();
  await kit.startRunner();
});
afterAll(() => kit.stop());

const archives = () => kit.server.ci.caches.list(kit.application.repository_uuid);

/** Says what of the cache was there, then adds to it unless told not to. */
const job = (word: string, more = '') => `cache: {directories: [deps, "~/with blank"]}
script:
  - cat deps/words "$HOME/with blank/file" 2>/dev/null || echo cold
  - ${word === '' ? ':' : `mkdir -p deps "$HOME/with blank"; echo ${word} >>deps/words; echo home-${word} >"$HOME/with blank/file"`}
${more}`;

const build = async (yaml: string, branch?: string) =>
  kit.ended(await kit.push(yaml, branch === undefined ? {} : { branch }));

test('a cache is kept from build to build, stored only when it has changed, and falls back by branch', async () => {
  const first = await build(job('one'));
  expect(first.build.state).toBe('passed');
  expect(first.log).toMatch(/^cold$/m);
  expect(first.log).toContain('There is no cache yet for: build/');
  expect(first.log).toContain('travis_fold:start:cache.1');
  expect(first.log).toMatch(/Stored the cache: \d+ bytes/);
  expect(await archives()).toMatchObject([{ scope: 'branch:main' }]);

  const second = await build(job(''));
  expect(second.log).toContain('Fetching the cache of branch:main');
  expect(second.log).toMatch(/^one$/m);
  expect(second.log).toMatch(/^home-one$/m);
  expect(second.log).toContain('Nothing has changed in the cached directories');

  // Another branch begins with what the default branch has, and keeps what it adds to itself.
  const other = await build(job('two'), 'feature');
  expect(other.log).toContain('Fetching the cache of branch:main');
  expect(other.log).toMatch(/^one$/m);
  expect((await archives()).map((archive) => archive.scope)).toEqual([
    'branch:feature',
    'branch:main',
  ]);
  const main = await build(job(''));
  expect(main.log).not.toMatch(/^two$/m);
}, 60_000);

test('a failed test stores its cache too, an errored job does not; other variables have their own', async () => {
  const failed = await build(
    job('three', 'after_failure: echo ran:failure\nenv: KIND=failed\n').replace(
      'script:',
      'script:\n  - "false"',
    ),
  );
  expect(failed.build.state).toBe('failed');
  expect(failed.log).toMatch(/Stored the cache/);
  const errored = await build(job('four', 'env: KIND=errored\ninstall: "false"\n'));
  expect(errored.build.state).toBe('errored');
  expect(errored.log).not.toMatch(/Stored the cache/);
  const fresh = await build(job('', 'env: KIND=other\n'));
  expect(fresh.log).toMatch(/^cold$/m);
}, 60_000);

test('an archive of some megabytes arrives whole', async () => {
  const yaml = (line: string) => `cache: {directories: [big]}\nenv: KIND=big\nscript: ${line}\n`;
  const first = await build(
    yaml('mkdir -p big && head -c 3000000 /dev/urandom >big/file && sha256sum big/file'),
  );
  const sum = /^([0-9a-f]{64}) {2}big\/file$/m.exec(first.log)?.[1] ?? 'none';
  const second = await build(yaml('sha256sum big/file'));
  expect(second.build.state).toBe('passed');
  expect(second.log).toContain(`${sum}  big/file`);
}, 60_000);

test('an archive that is too large is not stored, and the log says the limit', async () => {
  const { build: made, log } = await build(
    'cache: {directories: [huge]}\nscript: mkdir huge && head -c 6000000 /dev/urandom >huge/file\n',
  );
  expect(made.state).toBe('passed');
  expect(log).toContain('The cache is not stored: The archive is larger than 5000000 bytes');
}, 60_000);
