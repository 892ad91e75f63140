import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createProxy } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacksDocker } from '../../testing/src/docker.ts';
import {
  DOCKER_JOB_IMAGE,
  DOCKER_REDIS_IMAGE,
  dockerRedisImage,
} from '../../testing/src/docker-job-image.ts';
import {
  createDockerExecutor,
  type DockerExecutorOptions,
  engineOptions,
} from '../src/executors/docker/index.ts';
import { commandsBundle, dockerOptions, engineThings, useBench } from './support/executors.ts';
import { runOn } from './support/machine.ts';
import { processesWith } from './support/processes.ts';

const CHECKED = `sluice-test-checked-${process.pid}`;

/** The Redis of the tests with a health check of its own. */
function checkedImage(tag: string, check: string): void {
  const docker = (...words: string[]) => execFileSync('docker', words, { encoding: 'utf8' }).trim();
  const id = docker('create', DOCKER_REDIS_IMAGE);
  docker('commit', '--change', `HEALTHCHECK ${check}`, id, `${CHECKED}:${tag}`);
  docker('rm', id);
}

describe.skipIf(lacksDocker())('jobs in Docker', () => {
  const services = [
    `redis=${DOCKER_REDIS_IMAGE}`,
    `deaf:4999=${DOCKER_JOB_IMAGE}`,
    `slow:6379=${CHECKED}:well`,
    `ill:6379=${CHECKED}:ill`,
  ];
  const bench = useBench('docker', { commandsBundle, services, allowedImages: ['sluice-test-*'] });
  const run = (
    config: Record<string, unknown>,
    changes?: Parameters<typeof bench.payload>[1],
    executor = bench.executor,
  ) => runOn(executor, bench.payload(config, changes));
  const withOptions = async <Result>(
    changes: Partial<DockerExecutorOptions>,
    work: (executor: Awaited<ReturnType<typeof createDockerExecutor>>) => Promise<Result>,
  ) => {
    const executor = await createDockerExecutor(dockerOptions(bench.directory, changes));
    return work(executor).finally(() => executor.stop());
  };
  beforeAll(() => dockerRedisImage());
  afterAll(() => {
    for (const tag of ['well', 'ill']) spawnSync('docker', ['rmi', `${CHECKED}:${tag}`]);
  });

  it('wait for the health checks of their services’ images, and say of one that is ill', async () => {
    // Its port answers long before the check is content with it.
    const well = 'test -e /tmp/1 && redis-cli set checked yes || { touch /tmp/1; false; }';
    checkedImage('well', `--interval=1s --retries=60 CMD ${well}`);
    checkedImage('ill', '--interval=1s --retries=2 CMD echo not feeling well; false');
    const job = await run({ services: ['slow'], script: ['redis-cli get checked'] });
    expect(job.plain).toContain(`The service slow runs at port 6379 (${CHECKED}:well).`);
    expect(job.plain).toMatch(/^yes$/m);
    const other = await run({ services: ['ill'], script: ['echo the job goes on'] });
    expect(other).toMatchObject({ state: 'passed' });
    expect(other.plain).toMatch(
      /The service ill did not start: its health check says: not feeling well/,
    );
  });

  it('reach their services on localhost, and are told of one that does not come', async () => {
    const job = await run({
      services: ['redis-server', 'deaf', 'nothing $(id)'],
      script: ['redis-cli -h localhost set greeting hello; redis-cli get greeting'],
    });
    expect(job.state).toBe('passed');
    expect(job.plain).toContain(
      `The service redis-server runs at port 6379 (${DOCKER_REDIS_IMAGE}).`,
    );
    expect(job.plain).toContain('The service deaf did not start: it has ended.');
    expect(job.plain).toContain('The service nothing $(id) is not known to this runner');
    expect(job.plain).toMatch(/^hello$/m);
    expect(await bench.leftovers()).toEqual([]);
  });

  it('have a virtualenv of the image’s Python, and Sluice’s own commands first on the PATH', async () => {
    const job = await run({
      language: 'python',
      python: '3.5',
      install: 'skip',
      script: [
        'python -c "import sys; print(sys.prefix)"; echo "$TRAVIS_PYTHON_VERSION"',
        'command -v divio; sluice --version',
      ],
    });
    expect(job).toMatchObject({ state: 'passed' });
    expect(job.plain).toContain(`This job runs in the image ${DOCKER_JOB_IMAGE}.`);
    expect(job.plain).toMatch(/^\/home\/travis\/virtualenv\/python3\.5$/m);
    expect(job.plain).toMatch(/^\/opt\/sluice\/commands\/divio$/m);
    expect(job.plain).toMatch(/^\d+\.\d+\.\d+$/m);
  });

  it('choose an image where that is allowed, and say what is wrong with others', async () => {
    const own = await run({ image: DOCKER_REDIS_IMAGE, script: ['echo in it'] });
    expect(own.plain).toContain(`This job runs in the image ${DOCKER_REDIS_IMAGE}.`);
    const refused = await run({ image: 'busybox', script: ['true'] });
    expect(refused).toMatchObject({ state: 'errored' });
    expect(refused.plain).toContain('The image busybox is not allowed on this runner');
    const missing = await run({ image: 'sluice-test-missing:1', script: ['true'] });
    expect(missing.plain).toContain(
      'The image sluice-test-missing:1 is not on the engine, and this runner pulls none.',
    );
    expect(await bench.leftovers()).toEqual([]);
  });

  it('reach nothing but Sluice where egress is only for trusted builds', async () => {
    const server = createServer((_request, response) => response.end('outside'));
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    const { port } = server.address() as AddressInfo;
    // The engine's machine is what the job's default route leads to.
    const script = [
      "gateway=$(python3 -c \"import socket; print([socket.inet_ntoa(bytes.fromhex(l.split()[2])[::-1]) for l in open('/proc/net/route') if l.split()[1] == '00000000'][0])\")",
      `curl -sS --max-time 10 --noproxy '*' "http://$gateway:${port}/"`,
      'echo; echo "way out: $gateway"',
    ];
    const after = { after_script: ['cat file.txt; ls /sys/class/net'] };
    await withOptions({ egress: 'trusted' }, async (executor) => {
      const trusted = await run({ script, ...after }, {}, executor);
      expect(trusted.plain).toMatch(/^outside/m);
      // The way out that has just worked, for a fork has no route that would tell it.
      const gateway = /^way out: (\S+)$/m.exec(trusted.plain)?.[1];
      expect(gateway).toBeDefined();
      const direct = [script[1]?.replace('$gateway', gateway ?? '') ?? ''];
      const fork = await run({ script: direct, ...after }, { trusted: false }, executor);
      expect(fork.state).toBe('failed');
      expect(fork.plain).not.toMatch(/^outside/m);
      expect(fork.plain).toMatch(/Failed to connect|Couldn't connect|unreachable/);
      // The clone came through the runner.
      expect(fork.plain).toContain('from the repository');
      expect(fork.plain).toMatch(/^lo$/m);
      expect(fork.plain).not.toMatch(/^eth/m);
    });
    server.close();
  });

  it('need nothing of an engine but its address: one behind TCP does', async () => {
    const proxy = createProxy((near) => {
      const far = connect('/var/run/docker.sock');
      near.on('error', () => far.destroy()).on('close', () => far.destroy());
      far.on('error', () => near.destroy()).on('close', () => near.destroy());
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = `tcp://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const engine = engineOptions(address, {});
    await withOptions({ services, ...(engine ? { engine } : {}) }, async (executor) => {
      const config = { services: ['redis'], script: ['cat file.txt; redis-cli ping'] };
      const job = await run(config, {}, executor);
      expect(job).toMatchObject({ state: 'passed' });
      expect(job.plain).toContain('from the repository\nPONG\n');
    });
    proxy.close();
    expect(() => engineOptions('nonsense', {})).toThrow('is no address of a Docker Engine');
  });

  it('get the engine only where an administrator has allowed it, and never for a fork', async () => {
    const config = { services: ['docker'], script: ['ls -l /var/run/docker.sock'] };
    const refused = await run(config);
    expect(refused.state).toBe('errored');
    expect(refused.plain).toContain('An administrator has not allowed that');
    await withOptions({ engineAccess: ['org/app'] }, async (executor) => {
      expect(await run(config, {}, executor)).toMatchObject({ state: 'passed' });
      expect(await run(config, { trusted: false }, executor)).toMatchObject({ state: 'errored' });
    });
  });

  it('are not given passwords or files of the machine when they are not trusted', async () => {
    const machineEnvironment = {
      ...process.env,
      PIP_INDEX_URL: 'https://user:hunter22@index.example.com/simple',
      PIP_CERT: new URL(import.meta.url).pathname,
    };
    await withOptions({ machineEnvironment }, async (executor) => {
      const script = ['env; head -c 20 "$PIP_CERT"'];
      const trusted = await run({ script }, {}, executor);
      expect(trusted.plain).toContain('hunter22');
      expect(trusted.plain).toContain('import { ');
      const fork = await run({ script }, { trusted: false }, executor);
      expect(fork.plain).not.toContain('hunter22');
    });
  });

  it('end with a killed runner, and its next start removes what is left (spec/faults.md 17)', async () => {
    const options = dockerOptions(bench.directory, {
      runnerId: `${dockerOptions(bench.directory).runnerId}-killed`,
      services,
    });
    const payload = bench.payload({
      services: ['redis-server'],
      script: ['setsid sleep 987654321 & echo under way; sleep 987654321'],
    });
    const program = new URL('support/run-one-docker.ts', import.meta.url).pathname;
    const runner = spawn(
      process.execPath,
      [program, JSON.stringify(options), JSON.stringify(payload)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let output = '';
    for await (const chunk of runner.stdout) {
      output += String(chunk);
      if (output.includes('\nunder way\n')) break;
    }
    // The job has said so before both have begun.
    await expect
      .poll(() => processesWith('sleep\x00987654321').length, { timeout: 60_000 })
      .toBeGreaterThan(1);
    expect(engineThings(options.runnerId)).toHaveLength(3);
    const gone = once(runner, 'exit');
    runner.kill('SIGKILL');
    await gone;
    // Without anybody's help: the agent sees its line close.
    await expect.poll(() => processesWith('sleep\x00987654321'), { timeout: 120_000 }).toEqual([]);
    // Another runner does not touch what may still be set up, and does once it has an age.
    const other = { ...options, runnerId: `${options.runnerId}-other` };
    (await createDockerExecutor(other)).stop();
    expect(engineThings(options.runnerId)).not.toEqual([]);
    const again = await createDockerExecutor(options);
    again.stop();
    expect(engineThings(options.runnerId)).toEqual([]);
  });
});
