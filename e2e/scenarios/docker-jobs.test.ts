import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DOCKER_JOB_IMAGE,
  DOCKER_REDIS_IMAGE,
  dockerRedisImage,
  lacksDocker,
} from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRunner } from '../support/runner-process.ts';
import { createPlace, type Place } from '../support/site.ts';

const docker = (...words: string[]) => execFileSync('docker', words, { encoding: 'utf8' });

function labelled(slug: string, list: readonly string[], format: string): string[] {
  const words = ['--filter', 'label=sluice.workplace', '--format'];
  const lines = docker(...list, ...words, `{{.ID}} {{.Label "sluice.job"}} ${format}`);
  return lines.split('\n').filter((line) => line.includes(`/${slug} `));
}

/** Containers of jobs whose repository has this slug: id, job and attempt, role, state. */
const containers = (slug: string) =>
  labelled(slug, ['ps', '--all'], '{{.Label "sluice.role"}} {{.Status}}');
const networks = (slug: string) => labelled(slug, ['network', 'ls'], '');

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

  it('a runner elsewhere that is killed leaves nothing once it is back, and does the job again', async () => {
    const name = `${slug}-far`;
    const site = await place.createApplication(name);
    const { token } = await place.client().runnerTokens.create({});
    const workDir = mkdtempSync(join(tmpdir(), 'sluice-far-'));
    const words = [
      '--name',
      name,
      '--executor',
      'docker',
      '--label',
      'place=far',
      '--pull',
      'never',
    ];
    const tables = ['--image', `*=${DOCKER_JOB_IMAGE}`, '--service', `redis=${DOCKER_REDIS_IMAGE}`];
    const start = () =>
      startRunner(place.installation.url(), token, [...words, ...tables], { workDir });
    let runner = await start();
    try {
      await runner.says(`${name} works for`);
      const sha = await site.push('wait', {
        '.travis.yml': [
          'language: generic',
          'runner: {place: far}',
          'services: redis',
          'script:',
          '  - test "$(redis-cli -h localhost ping)" = PONG',
          '  - until test -e /tmp/go; do sleep 0.2; done',
          '',
        ].join('\n'),
        'index.html': 'x',
      });
      const attempt = (number: number) =>
        containers(name).filter((line) => line.includes(`-${number} `) && line.includes(' Up '));
      await expect.poll(() => attempt(1).length, { timeout: 180_000 }).toBe(2);
      expect(networks(name)).toHaveLength(1);
      runner.signal('SIGKILL');
      await runner.ended();
      runner = await start();
      await runner.says(`${name} works for`);
      expect(containers(name).filter((line) => line.includes('-1 '))).toEqual([]);

      const job = () => attempt(2).find((line) => line.includes(' job '));
      await expect.poll(job, { timeout: 180_000 }).toBeDefined();
      docker('exec', job()?.split(' ')[0] ?? '', 'touch', '/tmp/go');
      const build = async () => {
        const { id, uuid } = site.application;
        const { results } = await place.client().builds.list({ application: uuid, sha });
        return results[0]?.state ?? `no build of application ${id}`;
      };
      await expect.poll(build, { timeout: 180_000 }).toBe('passed');
      const log = (await site.sluice('build', 'log', '--commit', sha)).stdout;
      expect(log).toContain('docker executor');
      expect(log).toContain(`The runner ${name} `);
      await expect.poll(() => containers(name), { timeout: 120_000 }).toEqual([]);
      expect(networks(name)).toEqual([]);
    } finally {
      await runner.destroy();
      rmSync(workDir, { recursive: true, force: true });
    }
  });
});
