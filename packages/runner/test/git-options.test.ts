import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor } from '../src/executors/executor.ts';
import { createHostExecutor } from '../src/executors/host/index.ts';
import { createRepository, hostOptions, runOn, type TestRepository } from './support/machine.ts';
import { payloadOf } from './support/payload.ts';
import { serveGit } from './support/protocol-server.ts';

const TOKEN = 'slj_0123456789abcdefghijABCDEFGHIJ0123456789';
let directory: string;
let executor: Executor;
let repository: TestRepository;
let git: Awaited<ReturnType<typeof serveGit>>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-git-options-'));
  executor = await createHostExecutor(hostOptions(directory));
  git = await serveGit(directory, TOKEN);
  createRepository(join(directory, 'part.git'), { 'part.txt': 'part\n' });
  repository = createRepository(join(directory, 'app.git'), {
    'one.txt': '1\n',
    'two.txt': '2\n',
    'map.txt': '/two.txt\n',
  });
  repository.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', '../part.git');
  repository.git('config', '-f', '.gitmodules', 'submodule.part.url', `${git.url}/part.git`);
  repository.git('commit', '-qam', 'Second');
  for (let i = 0; i < 3; i++) repository.git('commit', '-q', '--allow-empty', '-m', `more ${i}`);
});
afterAll(async () => {
  await git.close();
  rmSync(directory, { recursive: true, force: true });
});

/** What the job's directory holds, after a clone with these options. */
async function cloned(options: Record<string, unknown>, script: string[] = ['ls -A']) {
  const sha = repository.git('rev-parse', 'HEAD');
  const payload = payloadOf({ git: options, script }, { build: { sha } });
  payload.clone = { url: `${git.url}/app.git`, token: TOKEN, ref: 'refs/heads/main' };
  return runOn(executor, payload);
}

const COUNT = 'echo commits:$(git rev-list --count HEAD)';

describe('git options (spec/travis.md 6)', () => {
  it('clones 50 commits deep by default, all with `depth: false`, and submodules with it', async () => {
    const job = await cloned({}, [COUNT, 'cat part/part.txt', 'pwd']);
    expect(job).toMatchObject({ state: 'passed' });
    expect(job.plain).toContain('--depth=50');
    expect(job.plain).toContain('commits:5');
    expect(job.plain).toMatch(/^part$/m);
    expect(job.plain).toMatch(/\/build\/org\/app$/m);
    const full = await cloned({ depth: false, submodules: false }, [COUNT, 'ls part | wc -l']);
    expect(full.plain).not.toContain('--depth');
    expect(full.plain).toContain('commits:5');
    expect(full.plain).toMatch(/^0$/m);
  });

  it('clones as deep as it is told, quietly if it is told', async () => {
    const job = await cloned({ depth: 2, quiet: true, submodules_depth: 1 }, [COUNT]);
    expect(job.plain).toContain('commits:2');
    expect(job.plain).toContain('--quiet');
    expect(job.plain).toContain('submodule update --init --recursive --quiet --depth=1');
    expect(job.plain).not.toContain('Cloning into');
  });

  it('brings no repository with `strategy: tarball`', async () => {
    const job = await cloned({ strategy: 'tarball' });
    expect(job.state).toBe('passed');
    expect(job.plain).toMatch(/^one\.txt$/m);
    expect(job.plain).not.toMatch(/^\.git$/m);
  });

  it('checks out sparsely, by the patterns of a file or by one itself', async () => {
    for (const sparse of ['map.txt', '/two.txt']) {
      const job = await cloned({ sparse_checkout: sparse, submodules: false });
      expect(job.state).toBe('passed');
      expect(job.plain).toMatch(/^two\.txt$/m);
      expect(job.plain).not.toMatch(/^one\.txt$/m);
    }
  });

  it('leaves the directory empty with `clone: false`', async () => {
    const job = await cloned({ clone: false }, ['ls -A | wc -l']);
    expect(job.plain).toContain('Cloning is switched off');
    expect(job.plain).toMatch(/^0$/m);
  });

  it('sets what LFS, symlinks and line ends are to be', async () => {
    const options = {
      lfs_skip_smudge: true,
      symlinks: false,
      autocrlf: 'input',
      submodules: false,
    };
    const job = await cloned(options, [
      'echo lfs:$GIT_LFS_SKIP_SMUDGE',
      'echo links:$(git config core.symlinks) ends:$(git config core.autocrlf)',
    ]);
    expect(job.plain).toContain('lfs:1');
    expect(job.plain).toContain('links:false ends:input');
  });
});
