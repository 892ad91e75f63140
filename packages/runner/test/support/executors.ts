import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { JobPayload } from '@sluice/contract';
import { afterAll, beforeAll } from 'vitest';
import { DOCKER_JOB_IMAGE, dockerJobImage } from '../../../testing/src/docker-job-image.ts';
import {
  createDockerExecutor,
  type DockerExecutorOptions,
} from '../../src/executors/docker/index.ts';
import type { Executor } from '../../src/executors/executor.ts';
import { createHostExecutor } from '../../src/executors/host/index.ts';
import { createRepository, type TestRepository } from './machine.ts';
import { hostOptions, zoo } from './machine-options.ts';
import { payloadOf } from './payload.ts';
import { serveGit } from './protocol-server.ts';

export const LIMITS = { memoryBytes: 400 * 1024 ** 2, processes: 150, graceMs: 300 };

export const commandsBundle = new URL('../../../cli/dist/sluice.mjs', import.meta.url).pathname;

export function dockerOptions(
  directory: string,
  changes: Partial<DockerExecutorOptions> = {},
): DockerExecutorOptions {
  return {
    runnerId: basename(directory),
    home: homedir(),
    machineEnvironment: process.env,
    images: [`*=${DOCKER_JOB_IMAGE}`],
    pull: 'never',
    ...LIMITS,
    ...changes,
  };
}

export interface Bench {
  directory: string;
  executor: Executor;
  repository: TestRepository;
  /** A job that clones the repository of the zoo's programs over HTTP. */
  payload(config: Record<string, unknown>, changes?: Parameters<typeof payloadOf>[1]): JobPayload;
  /** What of this bench is left on the machine or the engine: directories, containers, networks. */
  leftovers(): Promise<string[]>;
}

/** An executor of the kind with everything that the tests of one file need. */
export function useBench(kind: 'host' | 'docker', changes: Partial<DockerExecutorOptions> = {}) {
  const bench = {} as Bench;
  let close: () => Promise<void> = async () => undefined;
  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), `sluice-${kind}-bench-`));
    const repositories = join(directory, 'git');
    mkdirSync(join(repositories, 'org'), { recursive: true });
    const path = join(repositories, 'org', 'app');
    mkdirSync(path);
    cpSync(zoo, path, { recursive: true });
    const repository = createRepository(path, { 'file.txt': 'from the repository\n' });
    const git = await serveGit(repositories, 'job-token');
    const options = dockerOptions(directory, changes);
    if (kind === 'docker') await dockerJobImage();
    const executor =
      kind === 'docker'
        ? await createDockerExecutor(options)
        : await createHostExecutor({ ...hostOptions(directory), ...LIMITS });
    Object.assign(bench, {
      directory,
      executor,
      repository,
      payload: (config: Record<string, unknown>, more: Parameters<typeof payloadOf>[1] = {}) =>
        payloadOf(
          { git: {}, ...config },
          {
            clone: { url: `${git.url}/org/app`, token: 'job-token', ref: 'refs/heads/main' },
            urls: { server: git.url, build: git.url, job: git.url },
            ...more,
            build: { sha: repository.sha, ...more.build },
          },
        ),
      leftovers: async () =>
        kind === 'docker'
          ? engineThings(options.runnerId)
          : readdirSync(join(directory, 'runner', 'jobs')),
    } satisfies Bench);
    close = async () => {
      if ('stop' in executor) (executor as { stop(): void }).stop();
      await git.close();
      rmSync(directory, { recursive: true, force: true });
    };
  });
  afterAll(() => close());
  return bench;
}

/** Containers and networks of a runner, as the engine lists them. */
export function engineThings(runnerId: string): string[] {
  const filter = ['--filter', `label=sluice.runner=${runnerId}`, '--format'];
  const list = (...args: string[]) =>
    execFileSync('docker', args, { encoding: 'utf8' }).split('\n').filter(Boolean);
  return [
    ...list('ps', '--all', ...filter, 'container {{.Image}} {{.Command}} {{.Status}}'),
    ...list('network', 'ls', ...filter, 'network {{.Name}}'),
  ];
}
