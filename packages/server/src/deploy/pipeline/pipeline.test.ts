import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { down } from './down.ts';
import { type Kit, openKit, until } from './test/kit.ts';

let dataDir: string;
let kit: Kit;
let isOpen: boolean;

// One installation for all: each test has an application of its own.
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-pl-'));
  kit = await openKit(dataDir);
  isOpen = true;
});

afterAll(async () => {
  if (isOpen) await kit.close();
  await down(dataDir);
  rmSync(dataDir, { recursive: true, force: true });
});

const running = async (environment: { uuid: string }) =>
  (await kit.runtime.instances()).filter((one) => one.environmentUuid === environment.uuid);

const imagesOf = (application: { uuid: string }) =>
  kit.store.db
    .selectFrom('images')
    .selectAll()
    .where('application_uuid', '=', application.uuid)
    .where('state', '=', 'ready')
    .execute();

async function reopen(): Promise<void> {
  await kit.close();
  isOpen = false;
  kit = await openKit(dataDir);
  isOpen = true;
}

const serverOf = (body: string, extra = '') => `
import http.server, os
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        self.wfile.write((${body}).encode())
${extra}
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()
`;

/** An application that answers with a text, and with the commit and a variable. */
const app = (text: string, more: Record<string, string> = {}) => ({
  Procfile: 'web: python app.py\n',
  'app.py': serverOf(`${JSON.stringify(text)} + " " + os.environ.get("COLOUR", "none")`),
  ...more,
});

test('a deployment writes its sections, serves, and the next one takes its place and stops it', async () => {
  const { application, live } = await kit.createApplication();
  const first = await kit.makeJob(application, live, await kit.commit(application, app('one')));
  expect(await kit.run(first)).toMatchObject({ ok: true });
  expect(await kit.fetchFrom(live)).toEqual({ status: 200, body: 'one none' });

  const log = await kit.logOf(first);
  const sections = [...log.matchAll(/^===== (.*) =====\n\n/gm)].map((match) => match[1]);
  expect(sections).toEqual([
    'services',
    'git checkout',
    'build',
    'release commands',
    'scaling',
    'sanity tests',
    'finalizing',
  ]);
  expect(log).toMatch(
    /web: http:\/\/127\.0\.0\.1:\d+\/ is healthy after \d+\.\d s and \d+ attempts?: status 200/,
  );

  const second = await kit.makeJob(application, live, await kit.commit(application, app('two')));
  expect(await kit.run(second)).toMatchObject({ ok: true });
  expect((await kit.fetchFrom(live)).body).toBe('two none');
  expect(await running(live)).toHaveLength(1);
  const steps = await kit.store.db.selectFrom('deployment_steps').selectAll().execute();
  expect(steps.every((step) => step.outcome === 'done' && step.ended_at !== null)).toBe(true);
});

test('one image serves several environments, each with its own variables; ADOPT and FORCE are kept', async () => {
  const { application, test: testing, live } = await kit.createApplication();
  const sha = await kit.commit(application, app('one'));
  const none = await kit.makeJob(application, testing, sha, { buildMode: 'ADOPT' });
  expect(await kit.run(none)).toMatchObject({ ok: false, reasonCode: 'no_image' });

  await kit.applications.variables.set({
    environmentUuid: testing.uuid,
    name: 'COLOUR',
    value: ' red ',
  });
  const [a, b] = await Promise.all([
    kit.makeJob(application, testing, sha),
    kit.makeJob(application, live, sha),
  ]);
  // At the same time: one builds, the other waits for it.
  const results = await Promise.all([kit.run(a), kit.run(b)]);
  expect(results.map((one) => one.ok)).toEqual([true, true]);
  expect((await kit.fetchFrom(testing)).body).toBe('one  red ');
  expect((await kit.fetchFrom(live)).body).toBe('one none');
  const images = () => imagesOf(application);
  expect(await images()).toHaveLength(1);

  const adopt = await kit.makeJob(application, live, sha, { buildMode: 'ADOPT' });
  expect(await kit.run(adopt)).toMatchObject({ ok: true });
  expect(await images()).toHaveLength(1);
  const force = await kit.makeJob(application, live, sha, { buildMode: 'FORCE' });
  expect(await kit.run(force)).toMatchObject({ ok: true });
  expect(await images()).toHaveLength(2);
});

test('ADOPT waits for a build that is only about to begin elsewhere, and for none behind another ADOPT', async () => {
  const { application, test: testing, live } = await kit.createApplication();
  const sha = await kit.commit(application, app('one'));
  const builder = await kit.makeJob(application, testing, sha);
  const adopt = await kit.makeJob(application, live, sha, { buildMode: 'ADOPT' });
  const adopting = kit.run(adopt);
  await until(async () =>
    (await kit.logOf(adopt)).includes(`${builder.deploymentUuid} is about to build this commit`),
  );
  expect(await kit.run(builder)).toMatchObject({ ok: true });
  expect(await adopting).toMatchObject({ ok: true });
  expect(await imagesOf(application)).toHaveLength(1);

  const other = await kit.commit(application, app('two'));
  await kit.makeJob(application, testing, other);
  const first = await kit.makeJob(application, testing, other, { buildMode: 'ADOPT' });
  await kit.store.db
    .updateTable('deployments')
    .set({ status: 'BUILDING' })
    .where('uuid', '=', first.deploymentUuid)
    .execute();
  // The one that builds stands behind one that may be waiting itself: whoever waited for it could close a circle.
  const circle = await kit.makeJob(application, live, other, { buildMode: 'ADOPT' });
  expect(await kit.run(circle)).toMatchObject({ ok: false, reasonCode: 'no_image' });
});

test('an image whose files were exchanged is not used again, nor rolled back to', async () => {
  const { application, live } = await kit.createApplication();
  const sha = await kit.commit(application, { 'index.html': 'right' });
  const first = await kit.run(await kit.makeJob(application, live, sha));
  const image = (await imagesOf(application))[0]?.uuid ?? '';
  appendFileSync(join(dataDir, 'builds', image, 'app/index.html'), ' but exchanged');
  const back = await kit.makeJob(application, live, sha, {
    rollbackReleaseUuid: first.ok ? first.releaseUuid : '',
  });
  expect(await kit.run(back)).toMatchObject({ ok: false, reasonCode: 'image_changed' });
  expect(await kit.run(await kit.makeJob(application, live, sha))).toMatchObject({ ok: true });
  expect((await kit.fetchFrom(live)).body).toBe('right');
});

test('release commands run in order with the variables; the first failure ends it and the old release serves', async () => {
  const { application, live } = await kit.createApplication();
  await kit.run(await kit.makeJob(application, live, await kit.commit(application, app('old'))));
  await kit.applications.variables.set({
    environmentUuid: live.uuid,
    name: 'DATABASE_PASSWORD',
    value: 'hunter2-hunter2',
    isSensitive: true,
  });
  await kit.applications.update(application.uuid, {
    releaseCommands: [
      { label: 'two', command: 'echo second; exit 5' },
      { label: 'three', command: 'echo third' },
    ],
  });
  const procfile = 'web: python app.py\nrelease: echo "first with $DATABASE_PASSWORD"\n';
  const sha = await kit.commit(application, app('new', { Procfile: procfile }));
  const job = await kit.makeJob(application, live, sha);
  expect(await kit.run(job)).toEqual({
    ok: false,
    reasonCode: 'release_command_failed',
    reason: 'Release command "two" failed. It exited with status 5.',
  });
  const log = await kit.logOf(job);
  expect(log).toContain('first with [secure]');
  expect(log).not.toContain('hunter2');
  expect(log).not.toContain('third\n');
  expect(log).toContain('Release commands that ran are not undone: Procfile release, two.');
  expect((await kit.fetchFrom(live)).body).toBe('old none');
});

test('an unhealthy release never gets a request, and nothing of it is left', async () => {
  const { application, live } = await kit.createApplication();
  await kit.run(await kit.makeJob(application, live, await kit.commit(application, app('old'))));
  const crash = await kit.commit(application, {
    Procfile: 'web: echo no database >&2; exit 9\nworker: sleep 100\n',
  });
  const job = await kit.makeJob(application, live, crash);
  expect(await kit.run(job)).toEqual({
    ok: false,
    reasonCode: 'exited',
    reason: 'web exited with status 9 during the health check; it wrote last: no database',
  });
  expect(await kit.logOf(job)).toContain('    no database\n');
  expect((await kit.fetchFrom(live)).body).toBe('old none');
  expect(await running(live)).toHaveLength(1);
});

test('a secret that a failing program prints is in no log, reason or step', async () => {
  const { application, live } = await kit.createApplication();
  await kit.applications.variables.set({
    environmentUuid: live.uuid,
    name: 'API_KEY',
    value: 'very-secret-value-7',
    isSensitive: true,
  });
  const files = { Procfile: 'web: echo "key $API_KEY is wrong"; exit 1\n' };
  const job = await kit.makeJob(application, live, await kit.commit(application, files));
  const result = await kit.run(job);
  expect(result).toMatchObject({ ok: false, reasonCode: 'exited' });
  const steps = await kit.store.db.selectFrom('deployment_steps').selectAll().execute();
  const told = JSON.stringify([result, steps, await kit.logOf(job)]);
  expect(told).toContain('key [secure] is wrong');
  expect(told).not.toContain('very-secret');
});

test('a worker that cannot stay up fails the deployment', async () => {
  const { application, live } = await kit.createApplication();
  const files = app('x', { Procfile: 'web: python app.py\nworker: exit 1\n' });
  const job = await kit.makeJob(application, live, await kit.commit(application, files));
  expect(await kit.run(job)).toMatchObject({
    ok: false,
    reason: expect.stringContaining('worker exited with status 1'),
  });
});

test('a cancelled deployment stops in whatever step it is and leaves the old release serving', async () => {
  const { application, live } = await kit.createApplication();
  await kit.run(await kit.makeJob(application, live, await kit.commit(application, app('old'))));
  const slow = app('new', { Procfile: 'web: python app.py\nrelease: sleep 0.3\n' });
  const sha = await kit.commit(application, slow);
  for (const step of [
    'PROVISIONING',
    'BUILDING',
    'RELEASING',
    'SCALING',
    'CHECKING',
    'FINALIZING',
  ]) {
    const abort = new AbortController();
    const job = await kit.makeJob(application, live, sha, { buildMode: 'FORCE' });
    const result = await kit.run(job, abort.signal, (what) => {
      if (what === step) setTimeout(() => abort.abort(), step === 'FINALIZING' ? 0 : 20);
      return step === 'FINALIZING' && what === step
        ? new Promise((resolve) => setTimeout(resolve, 10))
        : undefined;
    });
    expect(result, step).toMatchObject({ ok: false, cancelled: true });
    expect((await kit.fetchFrom(live)).body).toBe('old none');
    expect(await running(live), step).toHaveLength(1);
  }
}, 60_000);

test('a rollback brings back code and configuration without a build or release commands', async () => {
  const { application, live } = await kit.createApplication();
  const counted = (text: string) =>
    app(text, { Procfile: 'web: python app.py\nrelease: echo released\n' });
  await kit.applications.variables.set({
    environmentUuid: live.uuid,
    name: 'COLOUR',
    value: 'red',
  });
  const one = await kit.run(
    await kit.makeJob(application, live, await kit.commit(application, counted('one'))),
  );
  await kit.applications.variables.set({
    environmentUuid: live.uuid,
    name: 'COLOUR',
    value: 'blue',
  });
  await kit.run(
    await kit.makeJob(application, live, await kit.commit(application, counted('two'))),
  );
  expect((await kit.fetchFrom(live)).body).toBe('two blue');

  const releases = await kit.pipeline.releases(live.uuid);
  expect(releases).toHaveLength(2);
  const releaseUuid = one.ok ? one.releaseUuid : '';
  const job = await kit.makeJob(application, live, releases[1]?.sha ?? '', {
    rollbackReleaseUuid: releaseUuid,
  });
  expect(await kit.run(job)).toEqual({ ok: true, releaseUuid });
  expect((await kit.fetchFrom(live)).body).toBe('one red');
  expect(await kit.logOf(job)).not.toContain('\nreleased\n');
  expect(await imagesOf(application)).toHaveLength(2);
  // What is live is first among the kept ones again.
  expect((await kit.pipeline.releases(live.uuid))[0]?.uuid).toBe(releaseUuid);
});

test('only so many releases are kept, and the live one always', async () => {
  const { application, live } = await kit.createApplication();
  for (let i = 0; i < 5; i += 1) {
    const sha = await kit.commit(application, { 'index.html': `page ${i}` });
    expect(await kit.run(await kit.makeJob(application, live, sha))).toMatchObject({ ok: true });
  }
  expect(await kit.pipeline.releases(live.uuid)).toHaveLength(3);
  expect(await imagesOf(application)).toHaveLength(3);
  const ready = await kit.store.db
    .selectFrom('images')
    .select('uuid')
    .where('state', '=', 'ready')
    .execute();
  expect(readdirSync(join(dataDir, 'builds')).sort()).toEqual(ready.map((row) => row.uuid).sort());
  expect((await kit.fetchFrom(live)).body).toBe('page 4');
});

test('a stopped environment answers 503 and comes back by a restart; a restart changes nothing else', async () => {
  const { application, live } = await kit.createApplication();
  await kit.run(await kit.makeJob(application, live, await kit.commit(application, app('one'))));
  expect(await kit.pipeline.stopEnvironment(live.uuid)).toEqual({ ok: true });
  expect((await kit.fetchFrom(live)).status).toBe(503);
  expect(await running(live)).toEqual([]);
  await reopen();
  expect((await kit.fetchFrom(live)).status).toBe(503);
  expect(await kit.pipeline.restartEnvironment(live.uuid)).toEqual({ ok: true });
  expect((await kit.fetchFrom(live)).body).toBe('one none');
  const before = (await running(live))[0]?.instanceUuid;
  expect(await kit.pipeline.restartEnvironment(live.uuid)).toEqual({ ok: true });
  expect((await running(live)).map((one) => one.instanceUuid)).not.toContain(before);
  expect((await kit.fetchFrom(live)).body).toBe('one none');
});

test('a restarted server adopts what runs, starts what is missing and stops what nobody knows', async () => {
  const { application, test: testing, live } = await kit.createApplication();
  const pid = (text: string) => ({
    Procfile: 'web: python app.py\n',
    'app.py': serverOf(`${JSON.stringify(text)} + str(__import__("time").time())`)
      .replace('import http.server, os', 'import http.server, os, time\nBORN = str(time.time())')
      .replace('str(__import__("time").time())', 'BORN'),
  });
  const sha = await kit.commit(application, pid('x '));
  await kit.run(await kit.makeJob(application, live, sha));
  await kit.run(await kit.makeJob(application, testing, sha));
  const before = await kit.fetchFrom(live);
  const [gone] = await running(testing);
  await kit.runtime.stop(gone?.instanceUuid ?? '', 100);
  await kit.store.db
    .insertInto('instances')
    .values({
      uuid: 'stale',
      environment_uuid: live.uuid,
      release_uuid: 'r',
      deployment_uuid: 'd',
      service: 'web',
      host: '127.0.0.1',
      port: null,
      state: 'starting',
      created_at: new Date().toISOString(),
      stopped_at: null,
    })
    .execute();
  await reopen();
  expect(await kit.fetchFrom(live)).toEqual(before);
  await until(async () => (await kit.fetchFrom(testing).catch(() => null))?.status === 200);
  const stale = await kit.store.db
    .selectFrom('instances')
    .select('state')
    .where('uuid', '=', 'stale')
    .executeTakeFirst();
  expect(stale?.state).toBe('stopped');
});

test('the application log is read page by page, and goes on over a deployment', async () => {
  const { application, live } = await kit.createApplication();
  const chatty = (text: string) => ({
    Procfile: 'web: python app.py\n',
    'app.py': serverOf('"ok"', `for i in range(3): print("${text}", i)`),
  });
  await kit.run(await kit.makeJob(application, live, await kit.commit(application, chatty('a'))));
  const page = await until(async () => {
    const read = await kit.pipeline.applicationLog(live.uuid, null, 100);
    return read.entries.filter((entry) => entry.message.startsWith('a ')).length === 3 && read;
  });
  expect(page.entries.map((entry) => entry.service)).toContain('web');
  await kit.run(await kit.makeJob(application, live, await kit.commit(application, chatty('b'))));
  const next = await until(async () => {
    const read = await kit.pipeline.applicationLog(live.uuid, page.cursor, 100);
    return read.entries.some((entry) => entry.message === 'b 2') && read;
  });
  expect(next.entries.map((entry) => entry.message)).not.toContain('a 0');
});

test('`down` leaves no process of the installation, and its data in place', async () => {
  const { application, live } = await kit.createApplication();
  await kit.run(await kit.makeJob(application, live, await kit.commit(application, app('one'))));
  await kit.close();
  isOpen = false;
  await down(dataDir);
  const commands = readdirSync('/proc').flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, 'latin1')] : [];
    } catch {
      return [];
    }
  });
  expect(commands.filter((command) => command.includes(dataDir))).toEqual([]);
});
