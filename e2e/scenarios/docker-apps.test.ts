import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dockerBaseImage, lacksDocker } from '@sluice/testing/docker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createPlace,
  fetchPage,
  type Place,
  type Site,
  travis,
  webApplication,
} from '../support/site.ts';

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
      flags: [
        ...['--runtime', 'docker', '--docker-volumes', '/data', '--keep-releases', '2'],
        ...['--docker-max-memory-bytes', '1073741824'],
      ],
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
      'app.py': application
        .replace("'127.0.0.1'", "'0.0.0.0'")
        .replace('body = ', 'body = os.uname().nodename.encode() if self.path == "/who" else '),
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

  it('several instances with the limits of their environment share the requests, and a cron job has them too', async () => {
    const environment = site.environment('test').uuid;
    const scaled = await site.sluice('app', 'scale', '2', '--later');
    expect(scaled.code, scaled.stderr).toBe(0);
    const refused = await site.sluice('app', 'limits', '--memory', '2G');
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('2048 MB of memory is more than the administrator allows');
    const limited = await site.sluice('app', 'limits', '--memory', '96M', '--json');
    expect(limited.code, limited.stderr).toBe(0);
    const memory = 96 * 1024 ** 2;
    expect(JSON.parse(limited.stdout)).toMatchObject({
      environment: 'test',
      limits: {
        memory_bytes: { own: memory, value: memory },
        processes: { own: null, value: 512 },
      },
    });
    const { instances } = await place.client().environments.instances(environment);
    const serving = instances.filter(({ state }) => state === 'serving');
    expect(serving.map(({ limits }) => limits?.memory_bytes)).toEqual([memory, memory]);
    const seen = new Set<string>();
    for (let request = 0; request < 10; request += 1)
      seen.add((await site.page('test', '/who')).body);
    expect(seen.size).toBe(2);

    const command = 'python3 -c "print(len(bytearray(300_000_000)))"';
    const { uuid } = await place
      .client()
      .cron.create({ environment, command: `echo "by $HOSTNAME"; ${command}`, schedule: '@daily' });
    await place.client().cron.run(uuid);
    await expect
      .poll(async () => (await place.client().cron.runs(uuid)).at(-1), { timeout: 120_000 })
      .toMatchObject({
        outcome: 'failed',
        detail: expect.stringMatching(/needed more than its limit of 96 MB of memory|137/),
      });
    const { results } = await place.client().environments.logs(environment);
    const said = results.filter(({ service }) => service === 'cronjob');
    expect(said[0]?.message).toMatch(/^by \w+/);
    await place.client().cron.remove(uuid);
    const back = await site.sluice('app', 'scale', '1');
    expect(back.code, back.stderr).toBe(0);
  });

  it('nothing is left behind: one instance, its network, and the images of the kept releases', async () => {
    await expect
      .poll(() => docker('ps', '-aq', '--filter', label).length, { timeout: 60_000 })
      .toBe(1);
    expect(docker('network', 'ls', '-q', '--filter', label)).toHaveLength(1);
    const images = new Set(docker('images', '-q', '--no-trunc', '--filter', label));
    expect(images.size).toBeLessThanOrEqual(3);
  });

  it('admin down removes what runs and leaves the data; a start brings it all back', async () => {
    const { dataDir } = place.installation;
    const { commit } = await site.page('test');
    const down = () => place.installation.sluice(['admin', 'down', '--data', dataDir]);
    const first = await down();
    expect(first.code, first.stderr).toBe(0);
    expect(docker('ps', '-aq', '--filter', label)).toEqual([]);
    expect(docker('network', 'ls', '-q', '--filter', label)).toEqual([]);
    expect(docker('volume', 'ls', '-q', '--filter', label)).toHaveLength(1);
    expect(docker('images', '-q', '--filter', label)).not.toEqual([]);
    expect((await down()).code).toBe(0);
    await place.installation.start();
    // The router was ended, too, and may have taken another port.
    const { url } = await place.client().environments.get(site.environment('test').uuid);
    await expect
      .poll(async () => (await fetchPage(new URL(url))).commit, { timeout: 120_000 })
      .toBe(commit);
  });
});
