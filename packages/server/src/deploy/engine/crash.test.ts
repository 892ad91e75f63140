import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { STEP_NAMES } from '../pipeline-types.ts';
import { openKit } from './test/kit.ts';

const CHILD = fileURLToPath(new URL('./test/crash-child.ts', import.meta.url));

/** `SLUICE_CRASH_POINTS=1` kills at every single point; the normal run takes every fifth. */
const stride = Number(process.env['SLUICE_CRASH_POINTS'] ?? 5);
const POINTS = 85;

function child(dataDir: string, killAt: number, apps: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(
      process.execPath,
      [CHILD, dataDir, String(killAt), JSON.stringify(apps)],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let out = '';
    process_.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    process_.stderr.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    process_.on('error', reject);
    process_.on('close', (code, signal) => {
      if (signal === 'SIGKILL' || code === 0) resolve(signal ?? out);
      else reject(new Error(`the child ended with ${code}: ${out}`));
    });
  });
}

test('fault 16: killed at every transition, each deployment ends and the right commit is live', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-crash-'));
  try {
    const killPoints: number[] = [];
    for (let at = 1; at <= POINTS; at += stride) killPoints.push(at);
    const apps = await prepare(dataDir, killPoints.length);
    let killed = 0;
    for (const [index, at] of killPoints.entries()) {
      // Each server takes up what the last one left, and is killed while working for its own application.
      if ((await child(dataDir, at, apps.slice(0, index + 1))) === 'SIGKILL') killed += 1;
    }
    expect(killed).toBeGreaterThan(killPoints.length * 0.8);
    const last = JSON.parse(await child(dataDir, 0, apps)) as { errors: string[] };
    expect(last.errors).toEqual([]);
    await check(dataDir, apps);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}, 600_000);

interface App {
  readonly environmentUuid: string;
  readonly shas: readonly string[];
}

async function prepare(dataDir: string, count: number): Promise<App[]> {
  const kit = await openKit(dataDir);
  const apps: App[] = [];
  for (let index = 0; index < count; index++) {
    const { live, repositoryUuid } = await kit.makeApplication(`shop${index}`);
    const shas: string[] = [];
    for (let i = 0; i < 3; i++) shas.push(await kit.pushNew(repositoryUuid));
    apps.push({ environmentUuid: live.uuid, shas });
  }
  await kit.close();
  return apps;
}

async function check(dataDir: string, apps: readonly App[]): Promise<void> {
  const kit = await openKit(dataDir);
  for (const { environmentUuid, shas } of apps) {
    const filter = { environmentUuids: [environmentUuid], offset: 0, limit: 100 };
    const { deployments } = await kit.deploy.list(filter);
    const signals = await kit.store.db
      .selectFrom('signals')
      .selectAll()
      .where('environment_uuid', '=', environmentUuid)
      .execute();
    // Nothing lost: three signals, each in a deployment; every end has a reason.
    expect(new Set(signals.map((signal) => signal.deployment_uuid)).size).toBe(3);
    expect(deployments).toHaveLength(3);
    for (const d of deployments) {
      expect(d.endedAt !== null && d.success !== null && d.reason !== null, d.uuid).toBe(true);
      expect(await kit.store.logs.isEnded(kit.deploy.log(d.uuid)), d.uuid).toBe(true);
    }
    // Convergence: the third fails, so the second is live.
    expect((await kit.deploy.environmentState(environmentUuid)).liveCommit).toBe(shas[1]);
    const events = await kit.store.db
      .selectFrom('deployment_events')
      .selectAll()
      .where('environment_uuid', '=', environmentUuid)
      .orderBy('id')
      .execute();
    oneAtATime(events);
    releasedOnce(events);
  }
  await kit.close();
}

interface Event {
  readonly deployment_uuid: string;
  readonly to_status: string;
}

const isStep = (status: string) => (STEP_NAMES as readonly string[]).includes(status);

function oneAtATime(events: readonly Event[]): void {
  let running: string | null = null;
  for (const { deployment_uuid, to_status } of events) {
    if (isStep(to_status)) {
      expect(running === null || running === deployment_uuid).toBe(true);
      running = deployment_uuid;
    } else if (running === deployment_uuid) running = null;
  }
}

/** Past the start of the release commands nothing begins again from the check-out. */
function releasedOnce(events: readonly Event[]): void {
  const released = new Set<string>();
  for (const { deployment_uuid, to_status } of events) {
    if (to_status === 'RELEASING') released.add(deployment_uuid);
    if (to_status === 'PROVISIONING' || to_status === 'BUILDING')
      expect(released.has(deployment_uuid)).toBe(false);
  }
}
