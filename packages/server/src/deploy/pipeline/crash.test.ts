import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PipelineJob, StepName } from '../pipeline-types.ts';
import { down } from './down.ts';
import { type Kit, openKit, request, until } from './test/kit.ts';

const SERVER = fileURLToPath(new URL('test/server-process.ts', import.meta.url));

let dataDir: string;
let kit: Kit | null;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-cr-'));
  kit = await openKit(dataDir);
});

afterEach(async () => {
  await kit?.close();
  await down(dataDir);
  rmSync(dataDir, { recursive: true, force: true });
});

function opened(): Kit {
  if (kit === null) throw new Error('the kit is closed');
  return kit;
}

/** Runs a job in a server of its own that is killed at `dieAt`; the router and the applications are not. */
async function killedAt(job: PipelineJob, dieAt: string, afterMs = 0): Promise<void> {
  await kit?.close();
  kit = null;
  const args = ['--data', dataDir, '--job', JSON.stringify(job), '--trace', join(dataDir, 'trace')];
  const byItself = afterMs === 0 ? ['--die-at', dieAt] : [];
  const child = spawn(process.execPath, [SERVER, ...args, ...byItself], { stdio: 'inherit' });
  const exited = new Promise<NodeJS.Signals | null>((resolve) => {
    child.once('exit', (_, signal) => resolve(signal));
  });
  if (afterMs > 0) {
    await until(async () => trace().includes(dieAt));
    await pause(afterMs);
    child.kill('SIGKILL');
  }
  expect(await exited).toBe('SIGKILL');
}

function trace(): string[] {
  try {
    return readFileSync(join(dataDir, 'trace'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** What the engine does after a restart (spec/ordering.md 6). */
async function resume(job: PipelineJob): Promise<{ kit: Kit; result: { ok: boolean } }> {
  kit = await openKit(dataDir);
  const row = await kit.store.db
    .selectFrom('deployments')
    .select('status')
    .where('uuid', '=', job.deploymentUuid)
    .executeTakeFirstOrThrow();
  const early = ['QUEUED', 'PROVISIONING', 'BUILDING'].includes(row.status);
  const resumeFrom = early ? null : (row.status as StepName);
  return { kit, result: await kit.run({ ...job, resumeFrom }) };
}

const files = (text: string, release: string) => ({
  Procfile: `web: python app.py\nrelease: ${release}\n`,
  'app.py': `
import http.server, os
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"${text}")
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()
`,
});

describe('the server is killed', () => {
  const moments = [
    'PROVISIONING',
    'BUILDING',
    'RELEASING',
    'SCALING',
    'CHECKING',
    'FINALIZING',
    'before the switch',
    'after the switch',
  ];
  for (const moment of moments) {
    test(`at ${moment}: somebody serves all the time, and the deployment comes to its end`, async () => {
      const { application, live } = await opened().createApplication();
      const { port, applications } = opened();
      const host = applications.host(live);
      const old = await opened().commit(application, files('old', 'true'));
      await opened().run(await opened().makeJob(application, live, old));
      const sha = await opened().commit(application, files('new', 'echo the release command ran'));
      const job = await opened().makeJob(application, live, sha);
      await killedAt(job, moment);
      expect((await request(port, host)).body).toBe('old');

      const resumed = await resume(job);
      expect(resumed.result).toMatchObject({ ok: true });
      expect((await request(port, host)).body).toBe('new');
      expect(await resumed.kit.runtime.instances()).toHaveLength(1);
      const log = await resumed.kit.logOf(job);
      expect(log.split('the release command ran\n').length - 1).toBeGreaterThanOrEqual(1);
      const building = await resumed.kit.store.db
        .selectFrom('images')
        .select('uuid')
        .where('state', '=', 'building')
        .execute();
      expect(building).toEqual([]);
      const open = await resumed.kit.store.db
        .selectFrom('deployment_steps')
        .select('step')
        .where('ended_at', 'is', null)
        .execute();
      expect(open).toEqual([]);
    });
  }

  test('in the middle of a release command: it is adopted, and runs once', async () => {
    const { application, live } = await opened().createApplication();
    const count = 'echo ran; sleep 2; echo ended';
    const sha = await opened().commit(application, files('new', count));
    const job = await opened().makeJob(application, live, sha);
    await killedAt(job, 'RELEASING', 700);
    const { kit: after, result } = await resume(job);
    expect(result).toMatchObject({ ok: true });
    const log = await after.logOf(job);
    expect(log).toContain('(adopted after a restart of the server; output from its beginning)\n');
    const adopted = log.slice(log.indexOf('(adopted'));
    expect(adopted.split('\nran\n').length - 1).toBe(1);
    expect(adopted).toContain('\nended\n');
  });

  test('with its release command: the deployment fails as interrupted, nothing runs again', async () => {
    const { application, live } = await opened().createApplication();
    const sha = await opened().commit(application, files('new', 'echo ran; sleep 30'));
    const job = await opened().makeJob(application, live, sha);
    await killedAt(job, 'RELEASING', 700);
    // A power cut takes both.
    const { endTask } = await import('../supervisor/index.ts');
    await endTask(`${job.deploymentUuid}-release-1`, 0);
    const { result } = await resume(job);
    expect(result).toMatchObject({ ok: false, reasonCode: 'interrupted' });
  });

  test('in the middle of a build: nothing of it is left, and the commit is built again', async () => {
    const { application, live } = await opened().createApplication();
    const sha = await opened().commit(application, {
      'package.json': JSON.stringify({ scripts: { build: 'sleep 1; cp in.html index.html' } }),
      'in.html': 'built',
    });
    const job = await opened().makeJob(application, live, sha);
    await killedAt(job, 'BUILDING', 400);
    const { kit: after, result } = await resume(job);
    expect(result).toMatchObject({ ok: true });
    expect((await after.fetchFrom(live)).body).toBe('built');
    expect(await after.runtime.imageUuids()).toHaveLength(1);
  });
});

test('the supervisor is killed while a deployment runs: it goes on, and so does what serves', async () => {
  const { application, live } = await opened().createApplication();
  const old = await opened().commit(application, files('old', 'true'));
  await opened().run(await opened().makeJob(application, live, old));
  const job = await opened().makeJob(
    application,
    live,
    await opened().commit(application, files('new', 'sleep 0.3')),
  );
  const supervisor = JSON.parse(readFileSync(join(dataDir, 'run/supervisor.json'), 'utf8'));
  const result = await opened().run(job, new AbortController().signal, (what) => {
    if (what === 'RELEASING') process.kill(supervisor.pid, 'SIGKILL');
  });
  expect(result).toMatchObject({ ok: true });
  expect((await opened().fetchFrom(live)).body).toBe('new');
});
