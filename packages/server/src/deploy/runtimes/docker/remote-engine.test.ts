import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { dockerBaseImage, lacksDocker } from '@sluice/testing/docker';
import { findProgram, lacks } from '@sluice/testing/requirement';
import { createSshHost, SSHD, type SshHost } from '@sluice/testing/ssh-host';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKit, failure, PYTHON_APP } from '../test/kit.ts';
import { createDockerRuntime } from './index.ts';
import type { DockerRuntimeOptions } from './options.ts';
import { engineForTests, testOptions } from './test/engine.ts';
import { startTlsEngine, type TlsEngine } from './test/tls-engine.ts';

let dataDir: string;
const undo: (() => Promise<void> | void)[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-far-'));
});

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  rmSync(dataDir, { recursive: true, force: true });
});

const open = async (more: Partial<DockerRuntimeOptions>) => {
  undo.push(() => engineForTests(dataDir).removeAll());
  const runtime = createDockerRuntime(testOptions(dataDir, { engineWaitMs: 2_000, ...more }));
  await runtime.watch();
  undo.push(() => runtime.unwatch());
  return createKit(runtime);
};

/** From the commit to what answers, and away again: everything that goes over the line in its own way. */
async function liveThroughItAll(kit: Awaited<ReturnType<typeof open>>): Promise<void> {
  const large = 'x'.repeat(3_000_000);
  const built = await kit.build({
    Dockerfile: `FROM ${await dockerBaseImage()}\nWORKDIR /srv\nCOPY . /srv/\nRUN wc -c large\nEXPOSE 4000\nCMD ["python3", "app.py"]\n`,
    'app.py': PYTHON_APP,
    large,
  });
  expect(kit.output).toContain('3000000 large');
  await kit.release(built, 'far-release-1', 'echo "$GREETING from afar"');
  expect(kit.output).toContain('hi from afar');
  expect(await failure(kit.release(built, 'far-release-2', 'exit 7'))).toContain('status 7');
  const { instanceUuid, get } = await kit.serve(built);
  expect((await get()).status).toBe(200);
  const shell = await kit.shell(built, ['cat']);
  shell.input.end('through a shell\n');
  let said = '';
  for await (const { bytes } of shell.output) said += bytes.toString();
  expect(said).toBe('through a shell\n');
  expect(await shell.exit).toBe(0);
  await shell.end();
  const [usage] = (await kit.runtime.usage()) ?? [];
  expect(usage?.instanceUuid).toBe(instanceUuid);
  await kit.runtime.stop(instanceUuid, 1_000);
  expect(await kit.runtime.instances()).toEqual([]);
}

describe.skipIf(
  lacksDocker() || lacks('no openssl (Debian: openssl)', findProgram('openssl') !== null),
)('an engine behind tcp with TLS', () => {
  let far: TlsEngine;

  beforeEach(async () => {
    far = await startTlsEngine(join(dataDir, 'tls'));
    undo.push(() => far.stop());
  });

  // Published ports are on all addresses of a far machine, so this names one that is its own.
  const address = '127.0.0.1';

  test('does everything for who has a certificate of its authority', async () => {
    const { address: engine, certificates } = far;
    await liveThroughItAll(await open({ engine, certificates, address }));
  });

  test('refuses a stranger and who has no certificate, with a reason that names it', async () => {
    const engine = far.address;
    for (const certificates of [far.strangersCertificates, '']) {
      const { runtime } = await open({ engine, certificates, address });
      expect(await failure(runtime.inputs())).toMatch(
        new RegExp(`^engine_unreachable: The Docker Engine at ${engine} does not answer`),
      );
    }
  });
});

describe.skipIf(
  lacksDocker() || lacks('no sshd (Debian: openssh-server)', findProgram(SSHD) !== null),
)('an engine behind ssh', () => {
  let host: SshHost;
  const { PATH: path = '' } = process.env;

  /** An `ssh` before the machine's own one that knows the key and the host: what `~/.ssh/config` would say. */
  beforeEach(async () => {
    host = await createSshHost();
    undo.push(() => host.close());
    const key = join(dataDir, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    await host.allow(readFileSync(`${key}.pub`, 'utf8').trim());
    const bin = join(dataDir, 'bin');
    mkdirSync(bin);
    const options = `-F none -i ${key} -o UserKnownHostsFile=${dataDir}/known -o StrictHostKeyChecking=accept-new`;
    const ssh = `#!/bin/sh\nexec ${findProgram('ssh')} ${options} "$@"\n`;
    writeFileSync(join(bin, 'ssh'), ssh);
    chmodSync(join(bin, 'ssh'), 0o755);
    process.env['PATH'] = `${bin}${delimiter}${path}`;
    undo.push(() => {
      process.env['PATH'] = path;
    });
  });

  const engine = () => host.urlOf('').replace(/\/$/, '');

  test('does everything', async () => {
    await liveThroughItAll(await open({ engine: engine(), address: '127.0.0.1' }));
  });
});
