import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dockerBaseImage, lacksDocker } from '@sluice/testing/docker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPlace, type Place, type Site, travis, webApplication } from '../support/site.ts';

const docker = (...words: string[]) =>
  execFileSync('docker', words, { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '');

/** From a push to a container that serves, and back again (issue 6, point 1). */
describe.skipIf(lacksDocker())('applications in Docker', () => {
  let place: Place;
  let site: Site;
  let label: string;
  let base: string;

  beforeAll(async () => {
    base = await dockerBaseImage();
    place = await createPlace({
      flags: ['--runtime', 'docker', '--docker-volumes', '/data', '--keep-releases', '2'],
    });
    const { dataDir } = place.installation;
    label = `label=sluice.installation=${readFileSync(join(dataDir, 'docker/installation'), 'utf8').trim()}`;
    site = await place.createApplication('boxed');
  });

  afterAll(async () => {
    await place?.destroy();
    if (label === undefined) return;
    const containers = docker('ps', '-aq', '--filter', label);
    if (containers.length > 0) docker('rm', '-f', '-v', ...containers);
    const images = docker('images', '-q', '--filter', label);
    if (images.length > 0) docker('rmi', '-f', ...new Set(images));
    for (const kind of ['network', 'volume']) {
      for (const name of docker(kind, 'ls', '-q', '--filter', label)) docker(kind, 'rm', name);
    }
  });

  const files = (text: string) => {
    const application = String(webApplication(text)['app.py']);
    return {
      ...travis('true'),
      Dockerfile: `FROM ${base}\nWORKDIR /srv\nCOPY . /srv/\nEXPOSE 4000\nCMD ["python3", "app.py"]\n`,
      'app.py': application.replace("'127.0.0.1'", "'0.0.0.0'"),
      Procfile: `web: unused\nrelease: echo ${text} >> /data/releases; sleep 2; cat /data/releases\n`,
    };
  };

  const deploy = async (text: string): Promise<string> => {
    const sha = await site.push(text, files(text));
    const { code, stdout, stderr } = await site.sluice('app', 'deploy');
    expect(code, stdout + stderr).toBe(0);
    return sha;
  };

  it('a push is built, deployed and answers; a rollback brings the first back without a build', async () => {
    const first = await deploy('first');
    expect(await site.page('test')).toMatchObject({ status: 200, body: 'first', commit: first });
    const second = await deploy('second');
    expect(await site.page('test')).toMatchObject({ body: 'second', commit: second });
    const back = await site.sluice('app', 'rollback', 'test');
    expect(back.code, back.stdout + back.stderr).toBe(0);
    expect((await site.page('test')).commit).toBe(first);
    const resumed = await site.sluice('app', 'resume', 'test');
    expect(resumed.code, resumed.stdout + resumed.stderr).toBe(0);
  });

  it.each(['BUILDING', 'RELEASING', 'CHECKING'])(
    'the server is killed at %s: the page never fails, the release command runs once, the commit goes live',
    async (status) => {
      const text = `killed-at-${status}`;
      const sha = await site.push(text, files(text));
      const environment = site.environment('test').uuid;
      const { uuid } = await place.client().deployments.create({ environment, commit: sha });
      const order = ['AWAITING_BUILD', 'QUEUED', 'PROVISIONING', 'BUILDING', 'RELEASING'];
      order.push('SCALING', 'CHECKING', 'FINALIZING', 'SUCCEEDED');
      await expect
        .poll(
          async () => {
            const { status: now } = await place.client().deployments.get(uuid);
            return order.indexOf(now) >= order.indexOf(status);
          },
          { timeout: 120_000, interval: 20 },
        )
        .toBe(true);
      await place.installation.signal('SIGKILL');
      expect((await site.page('test')).status).toBe(200);
      await place.installation.start();
      const answer = await site.until(sha, 'test', (state) =>
        ['live', 'deploy_failed'].includes(state),
      );
      expect(answer.environments[0]?.reason ?? '').not.toMatch(/Docker/);
      expect(answer.environments[0]?.state).toBe('live');
      expect((await site.page('test')).commit).toBe(sha);
      const [volume = ''] = docker('volume', 'ls', '-q', '--filter', label);
      const ran = docker(
        'run',
        '--rm',
        '--network=none',
        '-v',
        `${volume}:/data`,
        base,
        'cat',
        '/data/releases',
      );
      expect(ran.filter((line) => line === text)).toEqual([text]);
    },
  );

  it('nothing is left behind: one instance, its network, and the images of the kept releases', async () => {
    await expect
      .poll(() => docker('ps', '-aq', '--filter', label).length, { timeout: 60_000 })
      .toBe(1);
    expect(docker('network', 'ls', '-q', '--filter', label)).toHaveLength(1);
    const images = new Set(docker('images', '-q', '--no-trunc', '--filter', label));
    expect(images.size).toBeLessThanOrEqual(3);
  });
});
