import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerBaseImage, lacksDocker } from '@sluice/testing/docker';
import { type DockerRegistry, startDockerRegistry } from '@sluice/testing/docker-registry';
import { findProgram, lacks } from '@sluice/testing/requirement';
import Docker from 'dockerode';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKit, failure } from '../test/kit.ts';
import { createDockerRuntime } from './index.ts';
import { registryOf } from './registry.ts';
import { engineForTests, testOptions } from './test/engine.ts';

test.each([
  ['registry.example.com:5000/team/app:1', 'registry.example.com:5000'],
  ['localhost/app', 'localhost'],
  ['127.0.0.1:5000/app@sha256:0', '127.0.0.1:5000'],
  ['python:3-slim', 'https://index.docker.io/v1/'],
  ['team/app', 'https://index.docker.io/v1/'],
])('%s is of %s', (image, registry) => {
  expect(registryOf(image)).toBe(registry);
});

const hasRegistry = () =>
  !lacks(
    'no docker-registry (Debian: apt-get install docker-registry)',
    findProgram('docker-registry') !== null,
  );

describe.skipIf(lacksDocker() || !hasRegistry())('a private registry', () => {
  let dataDir: string;
  let registry: DockerRegistry;
  const docker = new Docker();

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'sluice-rg-'));
    registry = await startDockerRegistry();
  });

  afterEach(async () => {
    await engineForTests(dataDir).removeAll();
    await registry.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const dockerfile = (base: string) => ({
    Dockerfile: `FROM ${base}\nEXPOSE 8000\nCMD ["python3", "-m", "http.server", "8000"]\n`,
  });

  test('images are pushed with its credentials, pulled by digest when the engine has lost them, and bases come from it', async () => {
    const options = testOptions(dataDir, {
      registry: `${registry.address}/team`,
      registryFile: registry.loginFile,
    });
    const runtime = createDockerRuntime(options);
    const kit = createKit(runtime);
    const built = await kit.build(dockerfile(await dockerBaseImage()));
    expect(JSON.parse(built.image.plan).pushed).toMatch(
      /^127\.0\.0\.1:\d+\/team\/shop@sha256:[0-9a-f]{64}$/,
    );

    await docker.getImage(built.image.digest).remove({ force: true });
    expect(await runtime.verify(built.uuid, built.image)).toBeNull();
    expect((await (await kit.serve(built)).get()).status).toBe(200);

    const tag = `${registry.address}/team/shop:0123456789abcdef0123456789abcdef01234567`;
    for (const one of await runtime.instances()) await runtime.stop(one.instanceUuid, 0);
    await docker.getImage(built.image.digest).remove({ force: true });
    const onTop = await kit.build({ Dockerfile: `FROM ${tag}\nRUN true\n` });
    expect(kit.output).toMatch(/Status: Downloaded newer image|Pulling from team\/shop/);
    await runtime.removeImage(onTop.uuid);
  });

  test('without credentials the deployment says what the registry said', async () => {
    const runtime = createDockerRuntime(
      testOptions(dataDir, { registry: `${registry.address}/team` }),
    );
    const kit = createKit(runtime);
    expect(await failure(kit.build(dockerfile(await dockerBaseImage())))).toMatch(
      /^push_failed: .*push 127\.0\.0\.1:\d+\/team\/shop:\w+: .*(auth|denied|unauthorized)/i,
    );
  });
});
