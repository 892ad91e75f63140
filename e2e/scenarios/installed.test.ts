import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type InstallationCommands, run } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlace, type Place, webApplication } from '../support/site.ts';

const root = resolve(import.meta.dirname, '../..');

/** `npm pack` and a global install, followed as docs/how-to/install.md has it. */
let directory = '';
let commands: InstallationCommands;
let place: Place;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-installed-'));
  const must = async (program: string, ...words: string[]) => {
    const result = await run(program, words);
    if (result.code !== 0) throw new Error(`${program}: ${result.stdout}${result.stderr}`);
    return result.stdout.trim().split('\n').at(-1) ?? '';
  };
  const file = await must(join(root, 'script/package'), directory);
  const prefix = join(directory, 'prefix');
  await must('npm', 'install', '--global', '--prefix', prefix, '--no-audit', '--no-fund', file);
  const sluice = join(prefix, 'bin/sluice');
  commands = { server: [sluice, 'server'], sluice: [sluice] };
  place = await createPlace({ commands });
});
afterAll(async () => {
  await place?.destroy();
  await rm(directory, { recursive: true, force: true });
});

test('the installed command takes a commit the whole way, its panel and its client answer', async () => {
  const site = await place.createApplication('installed');
  const commit = await site.push('Say hello', {
    '.travis.yml': `language: generic
script: "true"
after_success:
  - divio --version
  - sluice app deploy test --remote-id ${site.application.id}
env: { global: [SLUICE_TOKEN=${place.machineToken}] }
`,
    ...webApplication('hello from a package'),
  });
  await site.until(commit, 'test', (state) => state === 'live', 120_000);
  expect((await site.page('test')).body).toContain('hello from a package');

  const url = place.installation.url();
  expect(await (await fetch(url, { headers: { accept: 'text/html' } })).text()).toContain(
    '<script',
  );
  expect(await (await fetch(`${url}/cli/sluice.mjs`)).text()).toContain('#!/usr/bin/env node');

  await place.installation.signal('SIGKILL');
  await place.installation.start();
  expect((await site.page('test')).commit).toBe(commit);
});

test('nothing of the tests is in the package, and no TypeScript', async () => {
  const installed = join(directory, 'prefix/lib/node_modules/sluice');
  const names = await readdir(join(installed, 'packages'), { recursive: true });
  expect(names.filter((name) => /\.ts$|\.test\./.test(name))).toEqual([]);
  expect(names).toContain('server/src/main.js');
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
  expect(manifest.scripts).toBeUndefined();
  expect((await stat(join(installed, 'packaging/sluice.service'))).isFile()).toBe(true);
});
