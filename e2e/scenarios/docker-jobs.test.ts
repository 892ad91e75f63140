import { execFileSync } from 'node:child_process';
import {
  DOCKER_JOB_IMAGE,
  DOCKER_REDIS_IMAGE,
  dockerRedisImage,
  lacksDocker,
} from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPlace, type Place } from '../support/site.ts';

/** Containers of jobs whose repository has this slug. */
function containers(slug: string): string[] {
  const format = '{{.Label "sluice.role"}} {{.Label "sluice.job"}} {{.Status}}';
  const list = ['ps', '--all', '--filter', 'label=sluice.workplace', '--format', format];
  const lines = execFileSync('docker', list, { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(`/${slug} `));
}

describe.skipIf(lacksDocker())('builds in Docker, by a setting', () => {
  let place: Place;
  const slug = `docked-${process.pid}`;
  beforeAll(async () => {
    await dockerRedisImage();
    place = await createPlace({
      flags: [
        ...['--executor', 'docker', '--job-pull', 'never', '--lease-seconds', '4'],
        ...[
          '--job-images',
          `*=${DOCKER_JOB_IMAGE}`,
          '--job-services',
          `redis=${DOCKER_REDIS_IMAGE}`,
        ],
      ],
    });
  });
  afterAll(() => place?.destroy());

  it('a push is tested with its service, deployed from inside, and goes live', async () => {
    const site = await place.createApplication(slug);
    const travis = [
      'language: python',
      'python: 3.5',
      'services: redis',
      'install: skip',
      'script:',
      '  - python -c "import sys; print(sys.prefix)"',
      '  - test "$(redis-cli -h localhost ping)" = PONG',
      'after_success:',
      '  - sluice login $TOKEN',
      `  - divio app deploy test --remote-id ${site.application.id}`,
      '',
    ].join('\n');
    await site.push('configure', { '.travis.yml': travis, 'index.html': 'first' });
    const added = await site.sluice('encrypt', `TOKEN=${place.machineToken}`, '--add');
    expect(added.code, added.stderr).toBe(0);
    const sha = await site.push('first', { 'index.html': 'in a container' });
    await site.until(sha, 'test', (state) => state === 'live', 300_000);
    expect((await site.page('test')).body).toContain('in a container');
    const log = (await site.sluice('build', 'log', '--commit', sha)).stdout;
    expect(log).toContain('docker executor');
    expect(log).toContain('The service redis-server runs at port 6379');
    expect(log).toContain('/home/travis/virtualenv/python3.5');
    expect(log).not.toContain(place.machineToken);
    await expect.poll(() => containers(slug), { timeout: 120_000 }).toEqual([]);
  });

  it('a server that is killed in mid-job leaves nothing behind', async () => {
    const name = `${slug}-killed`;
    const site = await place.createApplication(name);
    await site.push('long', {
      '.travis.yml': ['language: generic', 'services: redis', 'script: sleep 987654', ''].join(
        '\n',
      ),
      'index.html': 'x',
    });
    await expect
      .poll(() => containers(name).filter((line) => line.includes(' Up ')).length, {
        timeout: 180_000,
      })
      .toBe(2);
    await place.installation.signal('SIGKILL');
    await place.installation.start();
    const canceled = await site.sluice('build', 'cancel', '1');
    expect(canceled.code, canceled.stderr).toBe(0);
    // Whether the lapsed lease's next attempt had begun or not, all of it goes.
    await expect.poll(() => containers(name), { timeout: 180_000 }).toEqual([]);
  });
});
