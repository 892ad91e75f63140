import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { lacksDocker } from '../../testing/src/docker.ts';
import { executeJob } from '../src/job/execute.ts';
import { useBench } from './support/executors.ts';
import { plainText, runOn } from './support/machine.ts';
import { processesWith } from './support/processes.ts';

const noDocker = lacksDocker();

/** What every executor does alike. One that is added joins the list. */
describe.each(['host', 'docker'] as const)('the %s executor', (kind) => {
  if (kind === 'docker' && noDocker) return it.skip('needs a Docker Engine', () => undefined);
  const bench = useBench(kind);
  const run = (
    config: Record<string, unknown>,
    changes?: Parameters<typeof bench.payload>[1],
    options?: Parameters<typeof runOn>[2],
  ) => runOn(bench.executor, bench.payload(config, changes), options);

  it('clones, runs all phases in one shell in order, and passes', async () => {
    const job = await run({
      before_install: ['export FROM_FIRST=kept; cd /tmp'],
      script: [
        'echo "$FROM_FIRST in $PWD"; cat "$TRAVIS_BUILD_DIR/file.txt"',
        'for i in 1 2 3; do echo out-$i; echo err-$i >&2; done',
        'echo by-path >/dev/stderr; read -r line || echo no input',
        'echo "$HOME $(whoami) $USER"; git --version >/dev/null && touch ~/ok /tmp/ok && echo home',
      ],
      after_success: ['echo after $TRAVIS_TEST_RESULT'],
    });
    expect(job).toMatchObject({ state: 'passed', exitCode: 0, verdicts: ['passed'], reason: null });
    expect(job.plain).toContain('kept in /tmp\nfrom the repository\n');
    expect(job.plain).toContain('out-1\nerr-1\nout-2\nerr-2\nout-3\nerr-3\n');
    expect(job.plain).toMatch(/^by-path\nno input$/m);
    expect(job.plain).toMatch(/^home$/m);
    expect(job.plain).toMatch(/^after 0$/m);
    if (bench.executor.isolates) expect(job.plain).toContain('/home/travis travis travis\n');
  });

  it.each([
    [['false'], { state: 'failed', exitCode: 1, verdicts: ['failed'] }],
    [['exit 77'], { state: 'errored', exitCode: 77, verdicts: ['errored'] }],
    [['kill -9 $$'], { state: 'errored', verdicts: ['errored'] }],
  ])('ends %j as it should', async (script, outcome) => {
    expect(await run({ script })).toMatchObject(outcome);
  });

  it('masks secrets, takes back no verdict, and passes bytes that are no text', async () => {
    const env = [{ heading: 'h', vars: [{ text: 'TOKEN=very-secret-value', secret: true }] }];
    const job = await run(
      {
        script: [
          'printf very-; sleep 0.2; echo secret-value; printenv TOKEN',
          'python3 ./garbage.py',
        ],
        after_success: ['kill -9 $$'],
      },
      { env },
    );
    expect(job).toMatchObject({ state: 'passed', verdicts: ['passed'] });
    expect(job.plain).not.toContain('very-secret-value');
    expect(job.plain).toContain('[secure]\n[secure]\n');
    expect(job.plain).toContain('end of garbage');
    expect(job.log.length).toBeGreaterThan(3_000_000);
  });

  it('speaks over the control line: a cache there and back, a deployment', async () => {
    const archives = new Map<string, Buffer>();
    const wishes: unknown[] = [];
    const once = async (script: string[]) => {
      const log: Buffer[] = [];
      const outcome = await executeJob({
        payload: bench.payload({
          script,
          cache: { directories: ['~/kept'] },
          deploy: [{ provider: 'sluice', environment: 'live', on: { branch: 'main' } }],
        }),
        executor: bench.executor,
        runnerName: 'test',
        signal: new AbortController().signal,
        sink: {
          log: (bytes) => void log.push(bytes),
          notices: () => undefined,
          verdict: async () => undefined,
          deploy: async (wish) => {
            wishes.push(wish);
            return { accepted: true, message: 'A deployment of this commit.' };
          },
          cache: {
            fetch: async (slug) => {
              const found = archives.get(slug);
              if (found === undefined) return null;
              return { scope: 'main', sizeBytes: found.length, body: new PassThrough().end(found) };
            },
            store: async (slug, { body }) => void archives.set(slug, await buffer(body)),
          },
        },
      });
      return { ...outcome, plain: plainText(Buffer.concat(log).toString()) };
    };
    const first = await once(['mkdir -p ~/kept; head -c 2000000 /dev/urandom > ~/kept/noise']);
    expect(first).toMatchObject({ state: 'passed' });
    expect(first.plain).toContain('Stored the cache');
    expect(first.plain).toContain('A deployment of this commit.');
    expect(wishes).toEqual([{ application: null, environment: 'live' }]);
    const second = await once(['wc -c < ~/kept/noise']);
    expect(second.plain).toMatch(/^2000000$/m);
  });

  it('ends deaf processes and what has hidden, and leaves nothing behind', async () => {
    const cancel = new AbortController();
    const job = await run(
      { script: ['./escape.sh executors-daemon; mkdir -p ~/a/b && chmod 000 ~/a; ./deaf.sh'] },
      {},
      {
        signal: cancel.signal,
        onLog: (log) => {
          if (log.includes('\ndeaf\n')) cancel.abort({ kind: 'canceled' });
        },
      },
    );
    expect(job).toMatchObject({ state: 'canceled', verdicts: [] });
    expect(job.plain).toMatch(/^escaped$/m);
    const passed = await run({ script: ['./escape.sh executors-daemon'] });
    expect(passed.state).toBe('passed');
    expect(processesWith('executors-daemon')).toEqual([]);
    expect(processesWith('./deaf.sh')).toEqual([]);
    expect(await bench.leftovers()).toEqual([]);
  });

  it('bounds a fork bomb and memory hogs (spec/faults.md 20)', async () => {
    const bomb = await run({ script: ['python3 ./fork-bomb.py'] }, { limits: { totalMs: 25_000 } });
    const stopped = Number(/stopped at (\d+) by/.exec(bomb.plain)?.[1]);
    expect(stopped).toBeGreaterThan(10);
    expect(stopped).toBeLessThan(150);
    const hog = await run({ script: ['python3 ./hog.py'] });
    expect(['failed', 'errored']).toContain(hog.state);
    expect(hog.plain).not.toContain('hog got everything');
    const several = await run({
      script: [
        'for i in 1 2 3 4 5 6; do python3 -c "import time; b = bytearray(120 * 1024 * 1024); time.sleep(60)" & done; wait',
      ],
    });
    expect(several.state).toBe('errored');
    expect(several.plain).toContain('MB of memory, its limit here');
  });

  it('lets live applications have the processor before its jobs (spec/faults.md 21)', async () => {
    // A container has a smaller share of the engine's processors instead.
    if (kind !== 'host') return;
    const { plain } = await run({ script: ['echo "at $(nice)"; bash -c "echo below at $(nice)"'] });
    expect(plain).toContain(`at ${getPriority() + 5}\nbelow at ${getPriority() + 5}\n`);
  });

  it('isolates jobs from the machine and from each other (spec/faults.md 39)', async () => {
    if (!bench.executor.isolates) return;
    const data = join(bench.directory, 'data');
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'master.key'), 'THE-MASTER-KEY');
    const path = join(bench.directory, 'data', 'internal.sock');
    let connections = 0;
    const server = createServer(() => connections++);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const victim = spawn('sleep', ['4242']);
    process.env['SLUICE_MASTER_SECRET'] = 'SECRET-OF-THE-SERVER';
    const script = [
      `cat ${data}/* /proc/1/root${data}/* /proc/*/root${data}/*; echo poison > /tmp/poison`,
      'cat /proc/*/environ | tr "\\0" "\\n"; env',
      'id -u; grep -E "CapEff|NoNewPrivs" /proc/self/status',
      'cat /etc/shadow && echo READ-SHADOW; mount -t tmpfs none /mnt && echo MOUNTED',
      'mknod /tmp/null c 1 3 && echo MADE-DEVICE; touch /etc/x /usr/x && echo WROTE',
      `python3 -c "import socket; socket.socket(socket.AF_UNIX).connect('${path}'); print('CONNECTED')"; ls /var/run/docker.sock`,
      `kill -9 ${victim.pid} ${process.pid}; kill -9 -1; echo unreached`,
    ];
    const job = await run({ script });
    const other = await run({ script: ['cat /tmp/poison; echo end'] });
    delete process.env['SLUICE_MASTER_SECRET'];
    await new Promise((resolve) => server.close(resolve));
    expect(victim.exitCode ?? victim.signalCode).toBeNull();
    victim.kill('SIGKILL');
    expect(job.state).not.toBe('passed');
    expect(job.plain).not.toContain('THE-MASTER-KEY');
    expect(job.plain).not.toContain('SECRET-OF-THE-SERVER');
    expect(job.plain).toMatch(/CapEff:\s+0000000000000000/);
    expect(job.plain).toMatch(/NoNewPrivs:\s+1/);
    expect(job.plain).not.toMatch(/^(READ|MOUNTED|MADE|WROTE|CONNECTED|0$)/m);
    expect(job.plain).not.toMatch(/^\/var\/run\/docker\.sock$/m);
    expect(connections).toBe(0);
    expect(other.plain).toMatch(/^end$/m);
    expect(other.plain).not.toMatch(/^poison$/m);
    expect(await bench.leftovers()).toEqual([]);
  });
});
