import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { dockerBaseImage, lacksDocker } from '@sluice/testing/docker';
import { lacks } from '@sluice/testing/requirement';
import Docker from 'dockerode';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Runtime } from '../runtime.ts';
import { createKit, failure, type Kit } from '../test/kit.ts';
import { createDockerRuntime } from './index.ts';
import { engineForTests, testOptions } from './test/engine.ts';

const WITHIN = { timeout: 120_000, interval: 200 };

const skips =
  lacksDocker() || lacks('not root, who alone can start an engine', process.getuid?.() === 0);

/** An engine of this test's own, which keeps containers alive while it is away, as the guide says that it should. */
describe.skipIf(skips)('the engine goes away', () => {
  let directory: string;
  let daemon: ChildProcess;
  let docker: Docker;
  let runtime: Runtime;
  let kit: Kit;
  let base: string;

  /** A network of its own: two engines in one would take each other's bridges and rules away. */
  let space: string;
  let outside: string;
  let engines = 0;
  const block = 180 + (process.pid % 60);
  const ip = (...words: string[]) => execFileSync('ip', words, { stdio: 'ignore' });

  const makeNetwork = (): void => {
    // Never the last one's: the kernel takes a moment to clear that away.
    engines += 1;
    space = `sluice-${process.pid}-${engines}`;
    outside = `sl${process.pid}n${engines}`;
    ip('netns', 'add', space);
    ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', 'inside', 'netns', space);
    ip('address', 'add', `10.${block}.255.1/30`, 'dev', outside);
    ip('link', 'set', outside, 'up');
    for (const name of ['lo', 'inside']) ip('-n', space, 'link', 'set', name, 'up');
    ip('-n', space, 'address', 'add', `10.${block}.255.2/30`, 'dev', 'inside');
    ip('route', 'add', `10.${block}.0.0/17`, 'via', `10.${block}.255.2`);
  };

  const startEngine = async (): Promise<void> => {
    const files = { 'data-root': 'root', 'exec-root': 'exec', pidfile: 'pid' };
    const places = Object.entries(files).map(
      ([name, file]) => `--${name}=${join(directory, file)}`,
    );
    const options = [
      ...places,
      `--host=unix://${join(directory, 'sock')}`,
      ...['--bridge=none', '--live-restore', '--default-ulimit=nofile=1024:1024'],
      `--default-address-pool=base=10.${block}.0.0/17,size=24`,
    ];
    // The same process id goes from `nsenter` to the engine.
    daemon = spawn('nsenter', [`--net=/run/netns/${space}`, 'dockerd', ...options], {
      stdio: 'ignore',
    });
    docker = new Docker({ socketPath: join(directory, 'sock') });
    await expect.poll(() => docker.ping().catch(() => null), WITHIN).not.toBeNull();
  };

  const isHelper = (pid: string): boolean => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return words.includes('containerd-shim') && words.includes(directory);
    } catch {
      return false;
    }
  };
  const hasEnded = () => daemon.exitCode !== null || daemon.signalCode !== null;
  const stopEngine = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> => {
    if (hasEnded()) return;
    const exited = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill(signal);
    await exited;
    // Its helper dies with it, but is for ever "running" where process 1 does not bury the dead, as in a container.
    rmSync(join(directory, 'exec', 'containerd', 'containerd.pid'), { force: true });
  };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-engine-'));
    makeNetwork();
    await startEngine();
    base = await dockerBaseImage();
    const archive = join(directory, 'base.tar');
    execFileSync('docker', ['save', '-o', archive, base]);
    execFileSync('docker', ['-H', `unix://${join(directory, 'sock')}`, 'load', '-i', archive]);
    runtime = createDockerRuntime(
      testOptions(join(directory, 'sluice'), {
        engine: `unix://${join(directory, 'sock')}`,
        engineWaitMs: 60_000,
      }),
    );
    await runtime.watch();
    kit = createKit(runtime);
  });

  afterEach(async () => {
    // Whatever runs outlives the engine, and would keep its network.
    if (hasEnded()) await startEngine();
    await runtime?.unwatch();
    for (const { Id } of await docker.listContainers({ all: true })) {
      await docker.getContainer(Id).remove({ force: true, v: true });
    }
    await engineForTests(join(directory, 'sluice'), docker).removeAll();
    await stopEngine();
    // Helpers of an engine that was killed; their containers are gone.
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      if (isHelper(pid)) process.kill(Number(pid), 'SIGKILL');
    }
    // What the engine mounted, and its network with all that is in it; a part of it may be gone.
    const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n').reverse();
    for (const path of mounts.map((line) => line.split(' ')[1] ?? '')) {
      if (path.startsWith(`${directory}/`)) spawnSync('umount', [path]);
    }
    spawnSync('ip', ['link', 'delete', outside]);
    spawnSync('ip', ['netns', 'delete', space]);
    rmSync(directory, { recursive: true, force: true });
  });

  test('applications serve on, a release command is not repeated, and what waited goes on when it is back', async () => {
    const built = await kit.build({
      Dockerfile: `FROM ${base}\nEXPOSE 8000\nCMD ["python3", "-u", "-m", "http.server", "8000"]\n`,
    });
    const { get, instanceUuid } = await kit.serve(built);
    const command = kit.release(built, 'd1-release-1', 'echo begun; sleep 8; echo done', 120_000);
    await expect.poll(() => kit.output, WITHIN).toContain('begun');

    await stopEngine();
    for (let request = 0; request < 20; request += 1) expect((await get()).status).toBe(200);
    const second = kit.serve(built);
    await pause(500);
    await startEngine();

    await command;
    expect(kit.output.match(/begun/g)).toHaveLength(1);
    expect(kit.output).toContain('done');
    expect((await (await second).get()).status).toBe(200);
    expect((await get()).status).toBe(200);
    expect((await runtime.instances()).map((one) => one.instanceUuid)).toContain(instanceUuid);
    await get('/after-the-restart');
    await expect
      .poll(async () => {
        const { entries } = await runtime.logs(kit.environmentUuid, null, 1_000);
        return entries.filter(({ message }) => message.includes('/after-the-restart')).length;
      }, WITHIN)
      .toBe(1);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'a build that it interrupts by %s fails with the reason, and leaves nothing',
    async (signal) => {
      const files = {
        Dockerfile: `FROM ${base}\nRUN echo half > /x\nRUN echo waiting; sleep 300\n`,
      };
      const before = await engineForTests(join(directory, 'sluice'), docker).danglingImages();
      const build = failure(kit.build(files));
      await expect.poll(() => kit.output, WITHIN).toContain('waiting');
      await stopEngine(signal);
      expect(await build).toMatch(
        /^(engine_unreachable: The Docker Engine went away during the build|build_failed: The build failed: \S)/,
      );
      await startEngine();
      // Told to stop, it may still have put its step away; killed, it cannot.
      const left = await docker.listContainers({ all: true });
      if (signal === 'SIGKILL') expect(left).toHaveLength(1);
      for (const uuid of await runtime.imageUuids()) await runtime.removeImage(uuid);
      expect(await docker.listContainers({ all: true })).toEqual([]);
      const engine = engineForTests(join(directory, 'sluice'), docker);
      expect(await engine.leftovers()).toEqual({ containers: 0, images: 0, networks: 0 });
      expect(await engine.danglingImages()).toEqual(before);
    },
  );
});
