import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { failure, type Kit, PYTHON_APP, type Seen } from './kit.ts';

const WITHIN = { timeout: 60_000, interval: 100 };

/**
 * What the pipeline expects of every runtime (`runtime.ts`). `kit` answers that of the test that runs; `host` is where its programs
 * must listen to be reached.
 */
export function runtimeContract(kit: () => Kit, host: string): void {
  test('a Python application gets exact variables, a home, and sees nothing else of the machine', async () => {
    const built = await kit().build({ Procfile: 'web: python app.py\n', 'app.py': PYTHON_APP });
    const variables = { SPACES: '  kept  ', LD_LIBRARY_PATH: '/nowhere' };
    const { get } = await kit().serve(built, variables);
    const seen = (await (await get()).json()) as Seen;
    expect(seen.env).toMatchObject({ ...variables, HOME: '/home/app' });
    expect(seen.python).toMatch(/\/venv$/);
    expect(seen.pids.length).toBeLessThan(8);
    expect(seen.root).not.toContain('work');
    expect(JSON.stringify(seen.env)).not.toContain('PIP_NO_');
    if (process.getuid?.() === 0) expect(seen.uid).not.toBe(0);
    expect(await kit().runtime.verify(built.uuid, built.image)).toBeNull();
  });

  test('requirements are installed from the package index into the image', async () => {
    const built = await kit().build({
      Procfile: 'web: python app.py\n',
      'requirements.txt': 'iniconfig==2.0.0\n',
      'app.py': `import iniconfig\n${PYTHON_APP}`,
    });
    expect(kit().output).toContain('-r requirements.txt');
    expect((await (await kit().serve(built)).get()).status).toBe(200);
  });

  test('a Node application is installed, built and started by its start script', async () => {
    const app = `const http = require('node:http');
    http.createServer((q, s) => s.end(require('node:fs').readFileSync('made.txt'))).listen(process.env.PORT, '${host}');`;
    const built = await kit().build({
      'package.json': JSON.stringify({
        name: 'x',
        version: '1.0.0',
        scripts: {
          start: 'node app.js',
          build: "node -e \"fs.writeFileSync('made.txt', 'built')\"",
        },
        dependencies: { 'is-number': '7.0.0' },
      }),
      'app.js': `require('is-number');${app}`,
    });
    expect(await (await (await kit().serve(built)).get()).text()).toBe('built');
  });

  test('static pages are served with types, tags and no way out', async () => {
    const { get } = await kit().serve(
      await kit().build({
        'index.html': '<p>hello',
        'sub/index.html': '<p>sub',
        'style.css': 'p {}',
        '.env': 'SECRET=1',
      }),
    );
    const index = await get();
    expect([index.status, index.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    expect(await index.text()).toBe('<p>hello');
    const tag = index.headers.get('etag') ?? '';
    expect((await get('/', { headers: { 'if-none-match': tag } })).status).toBe(304);
    expect((await get('/style.css')).headers.get('content-type')).toBe('text/css; charset=utf-8');
    const moved = await get('/sub?x=1');
    expect([moved.status, moved.headers.get('location')]).toEqual([301, '/sub/?x=1']);
    expect(await (await get('/sub/')).text()).toBe('<p>sub');
    for (const path of [
      '/.env',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/..%2f..%2fetc/passwd',
      '/%00',
      '/nope',
      '/%zz',
    ]) {
      expect((await get(path)).status, path).toBe(404);
    }
    expect((await get('/', { method: 'POST' })).status).toBe(405);
  });

  describe('what stands in the way is said in one line', () => {
    test('nothing says how to run it, or a Procfile without web', async () => {
      expect(await failure(kit().build({ 'readme.txt': 'x' }))).toMatch(
        /^no_start_command: Nothing .*Procfile/,
      );
      expect(await failure(kit().build({ Procfile: 'worker: sleep 1' }))).toMatch(
        /no "web" process/,
      );
    });
    test('a requirement that does not exist', async () => {
      const files = { Procfile: 'web: true', 'requirements.txt': './no-such-directory\n' };
      expect(await failure(kit().build(files))).toMatch(/^build_failed: .*(status|code: )\s?1/);
      expect(kit().output).toContain('no-such-directory');
    });
    test('a process that exits says its last words', async () => {
      const built = await kit().build({
        Procfile: `web: echo cannot find the database; exit 3`,
      });
      expect(await failure(kit().serve(built))).toBe(
        'exited: web exited with status 3 during the health check; it wrote last: cannot find the database',
      );
    });
    test('a program that ignores its port', async () => {
      const built = await kit().build({ Procfile: 'web: exec sleep 100' });
      const served = kit().serve(built, {}, { connectWithinMs: 1_000, attempts: 10 });
      expect(await failure(served)).toMatch(
        /^unhealthy: http:\/\/[\d.]+:\d+\/ is not healthy after \d+\.\d s and \d+ attempts?: \S/,
      );
    });
  });

  test('a release command runs in the release with its variables, and its failure is told', async () => {
    const built = await kit().build({ 'index.html': 'a', 'data.txt': 'from the commit' });
    const deployment = randomUUID();
    const run = (number: number, command: string, timeoutMs?: number) =>
      kit().release(built, `${deployment}-release-${number}`, command, timeoutMs);
    await run(1, 'cat data.txt; echo " $GREETING"; echo scratch >"$HOME/x"');
    expect(kit().output).toContain('from the commit hi\n');
    await expect(run(2, 'echo oh no; exit 4')).rejects.toThrow('It exited with status 4.');
    await expect(run(3, 'sleep 300', 3_000)).rejects.toThrow(/took longer than/);
    // The same command again is the same run: it is adopted, not repeated.
    await expect(run(2, 'exit 0')).rejects.toThrow('It exited with status 4.');
    await kit().runtime.endTasks(new Set([deployment]));
    await expect(run(2, 'exit 0')).rejects.toThrow('It exited with status 4.');
    await kit().runtime.endTasks(new Set());
    await run(2, 'echo begun anew');
    expect(kit().output).toContain('begun anew');
    await kit().runtime.endTasks(new Set());
  });

  test('instances are listed, measured, read from a cursor on, and gone when they are stopped', async () => {
    const { runtime, environmentUuid } = kit();
    const built = await kit().build({
      Procfile: `web: echo "web says $WORD"; exec python app.py\nworker: echo working; exec sleep 1000\n`,
      'app.py': PYTHON_APP,
    });
    expect(runtime.services(built.image)).toEqual([
      { name: 'web', takesRequests: true },
      { name: 'worker', takesRequests: false },
    ]);
    const web = await kit().serve(built, { WORD: 'one' });
    const worker = await kit().start(built, {}, null, 'worker');
    const second = await kit().serve(built, { WORD: 'two' });
    expect(second.port).not.toBe(web.port);
    const mine = async () =>
      (await runtime.instances()).filter((one) => one.environmentUuid === environmentUuid);
    await expect.poll(async () => (await mine()).filter((one) => one.isUp).length, WITHIN).toBe(3);
    expect((await mine()).find((one) => one.instanceUuid === web.instanceUuid)).toMatchObject({
      service: 'web',
      port: web.port,
      exits: 0,
      isUp: true,
    });
    const used = (await runtime.usage())?.find((one) => one.instanceUuid === web.instanceUuid);
    expect(used?.memoryBytes).toBeGreaterThan(1_000_000);
    expect(used?.processes).toBeGreaterThan(0);

    const messages = async (cursor: string | null) =>
      (await runtime.logs(environmentUuid, cursor, 1_000)).entries;
    const words = async () => (await messages(null)).map((one) => `${one.service}: ${one.message}`);
    await expect.poll(words, WITHIN).toContain('web: web says two');
    await expect.poll(words, WITHIN).toContain('worker: working');
    const { cursor } = await runtime.logs(environmentUuid, null, 1_000);
    expect(await messages(cursor)).toEqual([]);
    const third = await kit().serve(built, { WORD: 'three' });
    await expect
      .poll(async () => (await messages(cursor)).map(({ message }) => message), WITHIN)
      .toContain('web says three');

    for (const { instanceUuid } of [web, second, third, worker]) {
      await runtime.stop(instanceUuid, 1_000);
      // Gone already: nothing to do.
      await runtime.stop(instanceUuid, 1_000);
      // While others run: with the last of them its address goes too, and somebody else may answer there.
      if (instanceUuid === web.instanceUuid) await expect(web.get()).rejects.toThrow();
    }
    expect(await mine()).toEqual([]);
    const size = (await runtime.imageSizes([built.uuid, 'none'])).get(built.uuid);
    expect(size?.bytes).toBeGreaterThan(20);
    expect(size?.ownBytes ?? 0).toBeLessThanOrEqual(size?.bytes ?? 0);
    await runtime.removeImage(built.uuid);
    expect(await runtime.imageUuids()).not.toContain(built.uuid);
    expect((await runtime.imageSizes([built.uuid])).size).toBe(0);
    expect(await runtime.verify(built.uuid, built.image)).toMatch(/\S/);
  });

  test('an instance that ends by itself is started again on its port', async () => {
    const app = PYTHON_APP.replace(
      'def do_GET(self):',
      'def do_GET(self):\n        if self.path == "/die": os._exit(7)',
    );
    const built = await kit().build({ Procfile: 'web: exec python app.py', 'app.py': app });
    const { get, instanceUuid } = await kit().serve(built);
    await get('/die').catch(() => undefined);
    await expect.poll(async () => (await get().catch(() => null))?.status, WITHIN).toBe(200);
    const found = (await kit().runtime.instances()).find(
      (one) => one.instanceUuid === instanceUuid,
    );
    expect(found?.exits).toBeGreaterThan(0);
    const { entries } = await kit().runtime.logs(kit().environmentUuid, null, 1_000);
    expect(entries.some((one) => one.service === 'sluice' && /status 7/.test(one.message))).toBe(
      true,
    );
  });

  describe("a person's shell", () => {
    const build = () => kit().build({ Procfile: 'web: python app.py\n', 'app.py': PYTHON_APP });

    test('a command has the code and the variables, its output apart, its input to the end, and its exit status', async () => {
      const built = await build();
      const shell = await kit().shell(built, [
        'sh',
        '-c',
        'ls; echo "$GREETING $1" >&2; cat; exit 7',
        'x',
        "it's  2",
      ]);
      shell.input.end('typed\n');
      const said = { stdout: '', stderr: '' };
      for await (const { source, bytes } of shell.output) said[source] += bytes;
      expect(await shell.exit).toBe(7);
      expect(said).toEqual({
        stdout: expect.stringMatching(/app\.py\n[\s\S]*typed\n$/),
        stderr: "hi it's  2\n",
      });
      await shell.end();
      expect(await kit().runtime.shellUuids()).toEqual([]);
    });

    test('a terminal has a size that changes, and Ctrl-C ends what runs and not the shell', async () => {
      const shell = await kit().shell(await build(), ['sh'], { columns: 100, rows: 30 });
      let said = '';
      const read = (async () => {
        for await (const { bytes } of shell.output) said += bytes;
      })();
      const sees = (text: string | RegExp) => expect.poll(() => said, WITHIN).toMatch(text);
      shell.input.write('stty size; echo be"gun"\n');
      await sees(/30 100[\s\S]*begun/);
      await shell.resize({ columns: 132, rows: 50 });
      shell.input.write('stty size\n');
      await sees('50 132');
      shell.input.write('echo sle"eping"; sleep 300; echo slept\n');
      await sees('sleeping');
      shell.input.write('\x03');
      await sees(/\^C/);
      shell.input.write('echo still "here"; exit 3\n');
      await sees('still here');
      expect(await shell.exit).toBe(3);
      await read;
      await shell.end();
    });

    test('what it runs is gone when it is ended, also by another server', async () => {
      const { runtime } = kit();
      const built = await build();
      const shell = await kit().shell(built, ['sleep', '300']);
      const other = await kit().shell(built, ['sleep', '300']);
      expect(await runtime.shellUuids()).toHaveLength(2);
      await shell.end();
      expect(await shell.exit).toBeGreaterThan(128);
      const [uuid = ''] = await runtime.shellUuids();
      await runtime.endShell(uuid);
      expect(await other.exit).toBeGreaterThan(128);
      expect(await runtime.shellUuids()).toEqual([]);
      await other.end();
    });
  });
}
