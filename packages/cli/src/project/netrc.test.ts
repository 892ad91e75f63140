import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeNetrc } from './netrc.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-netrc-'));
  path = join(folder, '.netrc');
});
afterEach(() => rm(folder, { recursive: true }));

it('makes a file that only its owner can read', async () => {
  expect(await writeNetrc(path, 'localhost', 'slc_1')).toBe(false);
  expect(await readFile(path, 'utf8')).toBe(
    'machine localhost\n  login sluice\n  password slc_1\n',
  );
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

it('replaces and removes one entry and keeps the others', async () => {
  const others =
    'machine a.example login x password y\nmachine localhost\n password old\ndefault login z\n';
  await writeFile(path, others, { mode: 0o600 });
  expect(await writeNetrc(path, 'localhost', 'new')).toBe(true);
  const text = await readFile(path, 'utf8');
  expect(text).toContain('machine a.example login x password y\n');
  expect(text).toContain('default login z\n');
  expect(text).not.toContain('old');
  expect(await writeNetrc(path, 'localhost', null)).toBe(true);
  expect(await readFile(path, 'utf8')).not.toContain('localhost');
});
