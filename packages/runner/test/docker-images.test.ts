import { execFileSync } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { lacksDocker } from '../../testing/src/docker.ts';
import { DOCKER_JOB_IMAGE } from '../../testing/src/docker-job-image.ts';
import { type DockerRegistry, startDockerRegistry } from '../../testing/src/docker-registry.ts';
import { findProgram, lacks } from '../../testing/src/requirement.ts';
import { createDockerExecutor, type DockerExecutorOptions } from '../src/executors/docker/index.ts';
import { dockerOptions, useBench } from './support/executors.ts';
import { runOn } from './support/machine.ts';

const lacksRegistry = () =>
  lacks(
    'no docker-registry (Debian: apt-get install docker-registry)',
    findProgram('docker-registry') !== null,
  );
const docker = (...words: string[]) => execFileSync('docker', words, { encoding: 'utf8' });

describe.skipIf(lacksDocker() || lacksRegistry())('images of jobs', () => {
  const bench = useBench('docker');
  let registry: DockerRegistry;
  let image: string;
  let configFolder: string;
  let silent: Server;
  const waiting = new Set<Socket>();

  beforeAll(async () => {
    registry = await startDockerRegistry();
    image = `${registry.address}/team/build:4`;
    docker('tag', DOCKER_JOB_IMAGE, image);
    const config = registry.loginFile.replace(/login\.json$/, 'config.json');
    execFileSync('cp', [registry.loginFile, config]);
    configFolder = dirname(config);
    docker('--config', configFolder, 'push', '--quiet', image);
    docker('rmi', image);
    // A registry that takes connections and says nothing.
    silent = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    if (docker('images', '--quiet', image) !== '') docker('rmi', '--force', image);
  });
  afterAll(async () => {
    for (const socket of waiting) socket.destroy();
    silent?.close();
    await registry?.stop();
  });

  const runWith = async (
    options: Partial<DockerExecutorOptions>,
    config: Record<string, unknown>,
    attendance: Parameters<typeof runOn>[2] = {},
    trusted = true,
  ) => {
    const executor = await createDockerExecutor(
      dockerOptions(bench.directory, { pull: 'missing', ...options }),
    );
    const payload = { ...bench.payload(config), trusted };
    return runOn(executor, payload, attendance).finally(() => executor.stop());
  };

  it('come from a private registry with the runner’s login, which the job cannot see', async () => {
    const auth = Buffer.from(`sluice:${registry.password}`).toString('base64');
    const hidden = (text: string) => `$(echo ${Buffer.from(text).toString('base64')} | base64 -d)`;
    const script = [
      'env; cat /proc/*/environ | tr "\\0" "\\n"; cat ~/.docker/config.json',
      `grep -rlF -e "${hidden(registry.password)}" -e "${hidden(auth)}" /etc /home /opt /run /tmp /var 2>/dev/null || echo nowhere`,
    ];
    // A table's row and a job's own wish are pulled alike.
    for (const config of [{ script }, { script, image }]) {
      const job = await runWith(
        { registryFile: registry.loginFile, images: [`*=${image}`], allowedImages: [image] },
        config,
      );
      expect(job.plain).toContain(`Pulling the image ${image}.`);
      expect(job.plain).toContain(`This job runs in the image ${image}.`);
      expect(job.plain).toMatch(/^nowhere$/m);
      expect(job.plain).not.toContain(registry.password);
      expect(job.plain).not.toContain(auth);
      docker('rmi', '--force', image);
    }
    expect(await bench.leftovers()).toEqual([]);
  });

  it('of a registry with a login are not for a build that is not trusted, unless the table names them', async () => {
    docker('--config', configFolder, 'pull', '--quiet', image);
    const options = { registryFile: registry.loginFile, allowedImages: ['*'] };
    const named = await runWith(options, { script: ['true'], image }, {}, false);
    expect(named).toMatchObject({ state: 'errored' });
    expect(named.plain).toContain(
      `This build is not trusted, so the login for ${registry.address} is not used`,
    );
    const listed = await runWith(
      { ...options, images: [`*=${image}`] },
      { script: ['true'] },
      {},
      false,
    );
    expect(listed).toMatchObject({ state: 'passed' });
  });

  it('that cannot be had are named with their row and with what to do', async () => {
    const images = [`*=${image}`];
    const login = { registryFile: '/nowhere/config.json', images };
    const none = await runWith(login, { script: ['true'] });
    expect(none).toMatchObject({ state: 'errored', verdicts: ['errored'] });
    expect(none.plain).toContain(`The image ${image} cannot be had: `);
    expect(none.plain).toContain(`It comes from the row *=${image} in the administrator's table`);
    expect(none.plain).toContain(`This runner has no login for ${registry.address}: run docker`);

    const missing = `${registry.address}/team/missing:1`;
    const known = { registryFile: registry.loginFile };
    const gone = await runWith(known, { image: missing, script: ['true'] });
    expect(gone).toMatchObject({ state: 'errored' });
    expect(gone.plain).toContain(`The image ${missing} cannot be had: `);
    expect(gone.plain).toContain('The key image of .travis.yml names it: correct it there.');
    expect(gone.plain).not.toContain(registry.password);
  });

  it('end with a job that is canceled while they are pulled, which has no verdict then', async () => {
    const { port } = silent.address() as { port: number };
    const cancel = new AbortController();
    const connected = new Promise((resolve) => silent.once('connection', resolve));
    const job = runWith({}, { image: `127.0.0.1:${port}/a/b:1` }, { signal: cancel.signal });
    await connected;
    cancel.abort({ kind: 'canceled' });
    expect(await job).toMatchObject({ state: 'canceled', verdicts: [] });
    expect((await job).plain).toContain('The job was canceled.');
    expect(await bench.leftovers()).toEqual([]);
  });
});
