import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

it('script/demo --once takes three commits the whole way and leaves nothing running', async () => {
  const { stdout } = await promisify(execFile)(resolve(root, 'script/demo'), ['--once'], {
    maxBuffer: 50_000_000,
    env: { ...process.env, NO_COLOR: '1' },
  });
  expect(stdout.match(/serves commit [0-9a-f]{40}/g)).toHaveLength(3);
  expect(stdout).toContain('it did not go live');
  expect(stdout).toContain('Nothing is left running.');
  expect(stdout).not.toMatch(/slc_[A-Za-z0-9]{20,}/);
}, 300_000);
