import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_ENVIRONMENT, machineVariables } from '@sluice/runner';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callSocket } from '../../supervisor/client.ts';
import { createSupervisor, type Supervisor } from '../../supervisor/index.ts';
import type { Runtime } from '../runtime.ts';
import { runtimeContract } from '../test/contract.ts';
import { createKit, failure, type Kit, PYTHON_APP, type Seen } from '../test/kit.ts';
import { createProcessRuntime } from './index.ts';

let dataDir: string;
let supervisor: Supervisor;
let kit: Kit;

function makeRuntime(sandbox: 'auto' | 'off'): Runtime {
  return createProcessRuntime({
    dataDir,
    supervisor,
    sandbox,
    home: homedir(),
    path: process.env['PATH'] ?? '',
    buildVariables: machineVariables(process.env, DEFAULT_ENVIRONMENT, true),
  });
}

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-rt-'));
  supervisor = createSupervisor({ dataDir, backOffMs: 100 });
  kit = createKit(makeRuntime('auto'));
});

afterEach(async () => {
  await callSocket(join(dataDir, 'run/supervisor.sock'), 'POST', '/shutdown?grace=100').catch(
    () => undefined,
  );
  rmSync(dataDir, { recursive: true, force: true });
});

describe('what every runtime does, done by processes', () => {
  runtimeContract(() => kit, 'localhost');
});

test('an application has a python of its own, and nothing of the machine but what it needs', async () => {
  const built = await kit.build({ Procfile: 'web: python app.py\n', 'app.py': PYTHON_APP });
  const seen = (await (await (await kit.serve(built)).get()).json()) as Seen;
  expect(seen.python).toContain(`${built.uuid}/venv`);
  expect(seen.root).not.toContain('srv');
  expect(JSON.stringify(seen.env)).not.toContain('PIP_');
});

test('refused connections of a program that ignores its port are counted', async () => {
  const built = await kit.build({ Procfile: 'web: exec sleep 100' });
  expect(await failure(kit.serve(built, {}, { connectWithinMs: 1_000, attempts: 10 }))).toMatch(
    /^unhealthy: http:\/\/127.0.0.1:\d+\/ is not healthy after \d+\.\d s and ([1-9]|10) attempts: connection refused$/,
  );
});

test('a stranger on the port that the program was to listen on', async () => {
  const stranger = createServer((_, response) => response.end('not the application'));
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  const { port } = stranger.address() as AddressInfo;
  const built = await kit.build({ Procfile: 'web: exec sleep 100' });
  try {
    expect(await failure(kit.serve(built, {}, {}, port))).toMatch(/^port_taken: /);
  } finally {
    stranger.close();
  }
});

test('files that were changed after the build', async () => {
  const built = await kit.build({ 'index.html': 'a' });
  writeFileSync(join(dataDir, 'builds', built.uuid, 'app/index.html'), 'b');
  expect(await kit.runtime.verify(built.uuid, built.image)).toMatch(
    /are not those that were built/,
  );
});

test('without a sandbox the same things work', async () => {
  kit = createKit(makeRuntime('off'));
  const built = await kit.build({ Procfile: 'web: python app.py\n', 'app.py': PYTHON_APP });
  expect((await (await kit.serve(built)).get()).status).toBe(200);
  expect(await kit.runtime.verify(built.uuid, built.image)).toBeNull();
});
