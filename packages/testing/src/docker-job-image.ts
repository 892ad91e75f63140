import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { dockerBaseImage } from './docker.ts';

const run = promisify(execFile);

/** The base image with what a job and its service need besides: git, and a Redis. Made once on each machine. */
export const DOCKER_JOB_IMAGE = 'sluice-test-job:latest';

/** Its name keeps tests that run side by side from making the image twice. */
const MAKER = 'sluice-test-job-making';
const GIVE_UP_MS = 10 * 60_000;
const INSTALL =
  'apt-get update -qq && apt-get install -y -qq --no-install-recommends git redis-server procps >/dev/null && rm -rf /var/lib/apt/lists /var/cache/apt';

export async function dockerJobImage(): Promise<string> {
  const base = await dockerBaseImage();
  const giveUpAt = Date.now() + GIVE_UP_MS;
  while (!(await succeeds('image', 'inspect', DOCKER_JOB_IMAGE))) {
    if (
      await succeeds('create', '--name', MAKER, '--network', 'host', base, 'sh', '-ec', INSTALL)
    ) {
      try {
        await run('docker', ['start', '--attach', MAKER]);
        await run('docker', ['commit', '--change', 'CMD ["/bin/bash"]', MAKER, DOCKER_JOB_IMAGE]);
      } finally {
        await succeeds('rm', '--force', MAKER);
      }
    } else if (Date.now() > giveUpAt) {
      throw new Error(`${DOCKER_JOB_IMAGE} was not made in time (a container ${MAKER} is there)`);
    } else {
      await pause(500);
    }
  }
  return DOCKER_JOB_IMAGE;
}

/** A service of its own: the same image, running its Redis. */
export const DOCKER_REDIS_IMAGE = 'sluice-test-redis:latest';

export async function dockerRedisImage(): Promise<string> {
  const image = await dockerJobImage();
  if (await succeeds('image', 'inspect', DOCKER_REDIS_IMAGE)) return DOCKER_REDIS_IMAGE;
  const command = 'CMD ["redis-server", "--bind", "127.0.0.1", "--save", ""]';
  const { stdout } = await run('docker', ['create', image]);
  const id = stdout.trim();
  await run('docker', ['commit', '--change', command, id, DOCKER_REDIS_IMAGE]);
  await run('docker', ['rm', id]);
  return DOCKER_REDIS_IMAGE;
}

function succeeds(...args: string[]): Promise<boolean> {
  return run('docker', args).then(
    () => true,
    () => false,
  );
}
