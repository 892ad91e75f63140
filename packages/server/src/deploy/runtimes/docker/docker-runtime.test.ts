import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerBaseImage, dockerToolchainImage, lacksDocker } from '@sluice/testing/docker';
import Docker from 'dockerode';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Runtime } from '../runtime.ts';
import { runtimeContract } from '../test/contract.ts';
import { createKit, failure, type Kit, PYTHON_APP, type Seen } from '../test/kit.ts';
import { createDockerRuntime } from './index.ts';
import { type EngineForTests, engineForTests, testOptions } from './test/engine.ts';

const BUILD_CHILD = join(import.meta.dirname, 'test', 'build-child.ts');

describe.skipIf(lacksDocker())('docker', () => {
  let dataDir: string;
  let kit: Kit;
  let runtime: Runtime;
  let engine: EngineForTests;
  let base: string;

  beforeAll(async () => {
    base = await dockerBaseImage();
    await dockerToolchainImage();
  });

  const open = async (more: Parameters<typeof testOptions>[1] = {}) => {
    await runtime?.unwatch();
    runtime = createDockerRuntime(testOptions(dataDir, more));
    await runtime.watch();
    kit = createKit(runtime);
  };

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'sluice-dk-'));
    await open();
    engine = engineForTests(dataDir);
  });

  afterEach(async () => {
    await runtime.unwatch();
    await engine.removeAll();
    rmSync(dataDir, { recursive: true, force: true });
  });

  describe('what every runtime does, done by containers', () => {
    runtimeContract(() => kit, '0.0.0.0');
  });

  const dockerfile = (...lines: string[]) =>
    [`FROM ${base}`, `LABEL test=${dataDir}`, 'COPY . /srv/', 'WORKDIR /srv', ...lines].join('\n');

  test('a Dockerfile is built from the commit without what .dockerignore names, and serves on the port that it exposes', async () => {
    const built = await kit.build({
      Dockerfile: dockerfile(
        'ARG GREETING=none',
        'RUN echo "hello $GREETING" > /made.txt; ls -A; cat kept/deep.md',
        'EXPOSE 4321',
        'CMD ["python3", "app.py"]',
      ),
      '.dockerignore': '*.md\n!kept/deep.md\nsecret\n',
      'app.py': PYTHON_APP,
      'notes.md': 'x',
      'kept/deep.md': 'deep words',
      'kept/other.md': 'x',
      'secret/key': 'x',
    });
    expect(kit.output).toContain('deep words');
    expect(kit.output).toContain('app.py');
    expect(kit.output).not.toContain('notes.md');
    expect(kit.output).not.toContain('secret');
    expect(built.image.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    const { get } = await kit.serve(built);
    expect(((await (await get()).json()) as Seen).env['PORT']).toBe('4321');
    const [tags] = await engine.imageTags();
    expect(tags).toContainEqual(
      expect.stringMatching(/\/shop:0123456789abcdef0123456789abcdef01234567$/),
    );
  });

  test('a build that fails leaves no image, no layer and no container', async () => {
    const files = { Dockerfile: dockerfile('RUN echo one > /x', 'RUN echo broken >&2; exit 9') };
    expect(await failure(kit.build(files))).toMatch(/^build_failed: .*9/);
    expect(kit.output).toContain('broken');
    for (const uuid of await runtime.imageUuids()) await runtime.removeImage(uuid);
    expect(await engine.leftovers()).toEqual({ containers: 0, images: 0, networks: 0 });
    expect(await engine.danglingImages(`test=${dataDir}`)).toEqual([]);
  });

  test('a build whose server is killed leaves no image, no layer and no container', async () => {
    const docker = new Docker();
    const steps = async () => {
      const all = await docker.listContainers({ all: true });
      return all.filter(({ Command }) => Command.includes(dataDir)).length;
    };
    const text = dockerfile('RUN echo one > /x', `RUN echo waiting; sleep 300 # ${dataDir}`);
    const child = spawn(process.execPath, [BUILD_CHILD, dataDir, randomUUID(), text]);
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    await expect.poll(() => output, { timeout: 60_000 }).toContain('\nwaiting');
    expect(await steps()).toBe(1);
    child.kill('SIGKILL');
    for (const uuid of await runtime.imageUuids()) await runtime.removeImage(uuid);
    await expect.poll(steps, { timeout: 60_000 }).toBe(0);
    // Whatever the engine was just putting away while it was tidied up.
    for (const uuid of await runtime.imageUuids()) await runtime.removeImage(uuid);
    expect(await engine.leftovers()).toEqual({ containers: 0, images: 0, networks: 0 });
    expect(await engine.danglingImages(`test=${dataDir}`)).toEqual([]);
  });

  test('limits, dropped rights, a read-only root and volumes', async () => {
    await open({
      limits: { milliCpus: 500, memoryBytes: 64_000_000, processes: 50, logBytes: 1_000_000 },
      hardening: { readOnlyRoot: true, capabilities: [] },
      volumes: ['/data'],
    });
    const built = await kit.build({
      Dockerfile: dockerfile('EXPOSE 4321', 'CMD ["python3", "app.py"]'),
      'app.py': PYTHON_APP,
    });
    await kit.release(
      built,
      'd-release-1',
      'echo kept > /data/x && touch /tmp/x && ! touch /srv/y',
    );
    await kit.release(
      built,
      'd-release-2',
      'cat /data/x; grep -E "^(CapEff|NoNewPrivs)" /proc/self/status',
    );
    expect(kit.output).toMatch(/kept\n/);
    expect(kit.output).toMatch(/CapEff:\t0{16}\n/);
    expect(kit.output).toMatch(/NoNewPrivs:\t1\n/);
    const { instanceUuid } = await kit.serve(built);
    const { HostConfig } = await engine.inspect(instanceUuid);
    expect(HostConfig).toMatchObject({
      NanoCpus: 500_000_000,
      Memory: 64_000_000,
      PidsLimit: 50,
      ReadonlyRootfs: true,
      Privileged: false,
      SecurityOpt: ['no-new-privileges'],
    });
    const hungry = 'python3 -c "x = bytearray(300_000_000); print(len(x))"';
    expect(await failure(kit.release(built, 'd-release-3', hungry))).toMatch(
      /^(out_of_memory: It needed more than its limit of 61\.0 MB|release_command_failed: .*137)/,
    );
  });

  /** An engine that is very busy may miss that the kernel ended something for memory: it is told of it once, by the way. */
  const mostly = async (work: () => Promise<string>, reason: RegExp) => {
    const answers: string[] = [];
    while (answers.length < 3 && !answers.some((one) => reason.test(one)))
      answers.push(await work());
    expect(answers.at(-1)).toMatch(reason);
  };

  test("an environment's own limits hold, within the administrator's, for all that runs; what needs more memory says so", async () => {
    await open({
      limits: { milliCpus: 100, memoryBytes: 0, processes: 512, logBytes: 1_000_000 },
      mostLimits: { milliCpus: 800, memoryBytes: 0, processes: 0 },
    });
    const memoryBytes = 64 * 1024 ** 2;
    kit.limits = { milliCpus: 2_000, memoryBytes, processes: 40 };
    const eats = [
      'import os',
      'def eat():',
      '    print("eating", flush=True)',
      '    return bytearray(300_000_000)',
      'if "EATS" in os.environ: eat()',
      '',
    ].join('\n');
    const built = await kit.build({
      Dockerfile: dockerfile('EXPOSE 4321', 'CMD ["python3", "app.py"]'),
      'app.py': `${eats}${PYTHON_APP.replace('body = ', 'if self.path == "/eat": eat()\n        body = ')}`,
    });
    const { instanceUuid, get } = await kit.serve(built);
    const seen = async () =>
      (await runtime.instances()).find((one) => one.instanceUuid === instanceUuid);
    expect(await seen()).toMatchObject({
      limits: { milliCpus: 800, memoryBytes, processes: 40 },
      lastExit: null,
    });
    const hungry = 'python3 -c "print(len(bytearray(300_000_000)))"';
    let tried = 0;
    await mostly(
      () => failure(kit.release(built, `d-release-${++tried}`, hungry)),
      /^out_of_memory: It needed more than its limit of 64 MB of memory/,
    );
    const shell = await kit.shell(built, ['sh', '-c', hungry]);
    expect(await shell.exit).toBe(137);
    await shell.end();

    const eaten = async () => {
      const one = await seen();
      if (one?.lastExit?.outOfMemory !== true) await get('/eat').catch(() => undefined);
      return one;
    };
    await expect
      .poll(eaten, { timeout: 120_000, interval: 1_000 })
      .toMatchObject({ lastExit: { status: 137, outOfMemory: true } });
    expect((await seen())?.exits).toBeGreaterThan(0);
    // Whoever comes after this server knows it, too.
    const { environmentUuid } = kit;
    await open();
    expect((await seen())?.lastExit?.outOfMemory).toBe(true);
    const said = async () =>
      (await runtime.logs(environmentUuid, null, 100)).entries.map(({ message }) => message);
    await expect
      .poll(said, { timeout: 60_000 })
      .toContain('web ended with status 137: it needed more memory than its limit');

    kit.limits = { milliCpus: null, memoryBytes, processes: null };
    await mostly(
      () => failure(kit.serve(built, { EATS: '1' })),
      /^out_of_memory: web needed more than its limit of 64 MB of memory and was ended during the health check.*eating/,
    );
  });
});
