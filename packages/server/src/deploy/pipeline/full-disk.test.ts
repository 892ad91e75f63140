import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { down } from './down.ts';
import { type Kit, openKit } from './test/kit.ts';

/** A data directory on a file system of its own, small enough to fill. Only root may mount one. */
const mayMount = (() => {
  const probe = mkdtempSync(join(tmpdir(), 'sluice-mnt-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
})();

let dataDir: string;
let kit: Kit;

beforeAll(async () => {
  if (!mayMount) return;
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-fd-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', dataDir]);
  kit = await openKit(dataDir);
});

afterAll(async () => {
  if (!mayMount) return;
  await kit.close();
  await down(dataDir);
  execFileSync('umount', ['-l', dataDir]);
  rmSync(dataDir, { recursive: true, force: true });
});

function fill(): string {
  const ballast = join(dataDir, 'ballast');
  try {
    for (let size = 1 << 20; size >= 512; size >>= 1) {
      try {
        for (;;) writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' });
      } catch {
        // Smaller pieces for what is left.
      }
    }
  } catch {
    // Full.
  }
  return ballast;
}

test.skipIf(!mayMount)(
  'a full disk fails the deployment with one clear reason, and the old release serves',
  async () => {
    const { application, live } = await kit.createApplication();
    const page = (text: string) => ({ 'index.html': text });
    const first = await kit.makeJob(application, live, await kit.commit(application, page('old')));
    expect(await kit.run(first)).toMatchObject({ ok: true });
    const sha = await kit.commit(application, { ...page('new'), big: 'x'.repeat(4 << 20) });
    const job = await kit.makeJob(application, live, sha);

    const checkedOut = join(dataDir, 'checked-out');
    mkdirSync(checkedOut);

    const ballast = fill();
    await expect(
      kit.git.checkout(application.repositoryUuid, sha, checkedOut),
    ).rejects.toMatchObject({ reason: 'disk_full' });
    // The engine could not record the end of it either, so its rows are left out here.
    const result = await kit.pipeline.run(
      job,
      { step: async () => undefined, commitSwitch: async () => true, log: async () => undefined },
      new AbortController().signal,
    );
    expect(result).toMatchObject({ ok: false, reasonCode: 'disk_full' });
    expect((await kit.fetchFrom(live)).body).toBe('old');

    rmSync(ballast);
    await kit.end(job, result);
    const again = await kit.makeJob(application, live, sha);
    expect(await kit.run(again)).toMatchObject({ ok: true });
    expect((await kit.fetchFrom(live)).body).toBe('new');
  },
);
