import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRepository } from '@sluice/testing/git';
import { expect, test } from 'vitest';
import { createDisk } from './disk.ts';
import { createHistory } from './history.ts';
import { createMaintenance } from './maintenance.ts';
import { createGitProcesses } from './process.ts';

const { PATH: searchPath = '' } = process.env;

test('many packs become few, and a commit that was taken off its branch is still there', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-maintenance-'));
  const work = await createRepository();
  try {
    const git = createGitProcesses({ home: directory, searchPath });
    const disk = createDisk(directory, git);
    const uuid = randomUUID();
    await disk.ensure(uuid);
    const repository = disk.path(uuid);
    const lost: string[] = [];
    await git.run(['config', 'receive.unpackLimit', '1'], { repository });
    const root = await work.commit('root');
    for (let index = 0; index < 35; index += 1) {
      await work.git('reset', '-q', '--hard', root);
      lost.push(await work.commit(`version ${index}`, { 'a.txt': `${index}` }));
      await work.push(repository, '+HEAD:refs/heads/main');
    }
    const packs = async () =>
      (await readdir(join(repository, 'objects', 'pack'))).filter((name) => name.endsWith('.pack'));
    expect((await packs()).length).toBeGreaterThan(30);
    const errors: unknown[] = [];
    const maintenance = createMaintenance(git, disk, (error) => errors.push(error));
    await maintenance.now(uuid);
    await maintenance.stop();
    expect(errors).toEqual([]);
    expect((await packs()).length).toBeLessThan(10);
    const history = createHistory(git, repository);
    for (const sha of lost) expect(await history.present(sha)).toBe(true);
    expect(await history.head('main')).toBe(lost.at(-1));
    await git.run(['fsck', '--strict'], { repository });
  } finally {
    await work.remove();
    await rm(directory, { recursive: true, force: true });
  }
});
