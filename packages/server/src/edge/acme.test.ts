import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lacksCaddy, run } from '@sluice/testing';
import { lacks } from '@sluice/testing/requirement';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const NAMES = ['shop.example.com', 'stranger.example.com', 'ca.example.com', 'sluice.example'];
const skips =
  lacksCaddy() ||
  lacks('not root, who alone can make a network with names of its own', process.getuid?.() === 0);

/** Would catch: a configuration that no authority accepts, challenges that do not arrive, certificates for anybody's name. */
describe.skipIf(skips)('a domain of an application', () => {
  const space = `sluice-acme-${process.pid}`;
  const names = join('/etc/netns', space);
  beforeAll(() => {
    mkdirSync(names, { recursive: true });
    writeFileSync(join(names, 'hosts'), `127.0.0.1 localhost ${NAMES.join(' ')}\n`);
    execFileSync('ip', ['netns', 'add', space]);
    execFileSync('ip', ['-n', space, 'link', 'set', 'lo', 'up']);
  });
  afterAll(() => {
    execFileSync('ip', ['netns', 'delete', space]);
    rmSync(names, { recursive: true });
  });

  it('gets its certificate from an ACME authority at its first request; another name gets none', async () => {
    const program = join(import.meta.dirname, 'test/acme-program.ts');
    const told = await run('ip', ['netns', 'exec', space, process.execPath, program]);
    expect(told.code, told.stderr).toBe(0);
    const { shop, stranger, caddy } = JSON.parse(told.stdout);
    expect(shop, caddy).toBe('HTTP/1.1 200 OK');
    expect(stranger).toContain('refused: ');
  }, 180_000);
});
