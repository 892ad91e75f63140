import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHostExecutor, jobDirectories } from '../src/executors/host/index.ts';
import { hostOptions, runOn, skipUnless, useMachine, zoo } from './support/machine.ts';
import { payloadOf } from './support/payload.ts';
import { processesWith } from './support/processes.ts';

const machine = useMachine();
const sandboxed = () => skipUnless(machine.executor.isolates, 'bubblewrap does not work here');

describe('what a job cannot do in the sandbox (spec/faults.md 26, 39)', () => {
  it('sees neither the data directory nor other jobs, by any way to them', async () => {
    if (sandboxed()) return;
    const data = join(machine.directory, 'data');
    mkdirSync(join(data, 'keys'), { recursive: true });
    writeFileSync(join(data, 'keys', 'master.key'), 'THE-MASTER-KEY');
    // The installation is shown, with the data directory inside it, and once more through a link.
    const link = join(machine.directory, '..', `${basename(machine.directory)}-link`);
    symlinkSync(machine.directory, link);
    const executor = await createHostExecutor({
      ...hostOptions(machine.directory),
      readOnly: [machine.directory, link],
    });
    const paths = [data, `${machine.directory}/runner`, `${link}/data`, `${link}/runner`].flatMap(
      (path) => [`find ${path} -type f`, `cat ${path}/keys/*`],
    );
    const job = await runOn(
      executor,
      payloadOf({
        script: [
          ...paths,
          `ls /proc/1/root${data}`,
          `cat /proc/*/root${data}/keys/master.key`,
          'echo end',
        ],
      }),
    );
    unlinkSync(link);
    expect(job.plain).not.toContain('THE-MASTER-KEY');
    expect(job.plain).not.toMatch(/^\S*(master\.key|job\.sh)$/m);
    expect(job.plain).toMatch(/^end$/m);
  });

  it('sees and ends only its own processes', async () => {
    if (sandboxed()) return;
    const victim = spawn('sleep', ['4242']);
    const job = await machine.run(
      payloadOf({
        script: [
          'ps -e -o pid= | wc -l',
          `kill -9 ${victim.pid} ${process.pid} ${process.ppid}`,
          'kill -9 -1; echo unreached',
        ],
      }),
    );
    expect(victim.exitCode).toBeNull();
    expect(victim.signalCode).toBeNull();
    expect(job.plain).not.toContain('4242');
    expect(job.state).not.toBe('passed');
    victim.kill('SIGKILL');
  });

  it('learns nothing of the environment and arguments it was started with', async () => {
    if (sandboxed()) return;
    process.env['SLUICE_MASTER_SECRET'] = 'SECRET-OF-THE-SERVER';
    const executor = await createHostExecutor({
      ...hostOptions(machine.directory),
      machineEnvironment: process.env,
    });
    const job = await runOn(
      executor,
      payloadOf({
        script: ['cat /proc/*/environ | tr "\\0" "\\n"; cat /proc/*/cmdline | tr "\\0" " "; env'],
      }),
    );
    delete process.env['SLUICE_MASTER_SECRET'];
    expect(job.plain).not.toContain('SECRET-OF-THE-SERVER');
    expect(job.plain).not.toContain(`--bind ${machine.directory}`);
  });

  it('writes nowhere but in its home and in temporary directories', async () => {
    if (sandboxed()) return;
    const places = [
      '/etc',
      '/usr',
      '/usr/local/bin',
      '/opt',
      '/root',
      '/',
      '/proc/sys/kernel',
      '/run',
      '/var/lib',
      zoo,
    ];
    const script = places.map((place) => `touch ${place}/sluice-was-here && echo WROTE ${place}`);
    const job = await machine.run(
      payloadOf({
        script: [
          ...script,
          'echo 1 >/proc/sys/kernel/panic && echo WROTE sysctl',
          'touch ~/ok /tmp/ok /var/tmp/ok && echo home',
        ],
      }),
    );
    expect(job.plain).not.toMatch(/^WROTE/m);
    expect(job.plain).toMatch(/^home$/m);
    expect(existsSync('/etc/sluice-was-here')).toBe(false);
  });

  it('has no rights and cannot get any', async () => {
    if (sandboxed()) return;
    const job = await machine.run(
      payloadOf({
        script: [
          'id -u',
          'grep -E "CapEff|CapBnd|NoNewPrivs" /proc/self/status',
          'cat /etc/shadow && echo READ-SHADOW',
          'mount -t tmpfs none /mnt && echo MOUNTED',
          'chown 0 ~ && echo CHOWNED',
          'mknod /tmp/null c 1 3 && echo MADE-DEVICE',
          'cat /dev/mem /dev/kmsg && echo READ-DEVICE',
          'su -c id && echo BECAME',
        ],
      }),
    );
    expect(job.plain).toMatch(/CapEff:\s+0000000000000000/);
    expect(job.plain).toMatch(/NoNewPrivs:\s+1/);
    expect(job.plain).not.toMatch(/^(READ|MOUNTED|CHOWNED|MADE|BECAME)/m);
    expect(job.plain).not.toMatch(/^\$ id -u\n0$/m);
  });

  it('reaches no Unix socket of the machine', async () => {
    if (sandboxed()) return;
    const path = join(machine.directory, 'internal.sock');
    let connections = 0;
    const server = createServer(() => connections++);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const connect = `python3 -c "import socket; socket.socket(socket.AF_UNIX).connect('${path}'); print('CONNECTED')"`;
    const job = await machine.run(payloadOf({ script: [connect, 'ls /run /var/run'] }));
    await new Promise((resolve) => server.close(resolve));
    expect(job.plain).not.toContain('CONNECTED\n');
    expect(job.plain).not.toContain('docker.sock');
    expect(connections).toBe(0);
  });

  it('leaves nothing behind: no process, no file', async () => {
    if (sandboxed()) return;
    const job = await machine.run(
      payloadOf({
        script: [
          `${zoo}/escape.sh sandbox-daemon`,
          'mkdir -p ~/a/b && chmod 000 ~/a',
          'pgrep -c -f sandbox-daemon',
        ],
      }),
    );
    expect(job.plain).toMatch(/^escaped$/m);
    expect(processesWith('sandbox-daemon')).toEqual([]);
    expect(await jobDirectories(join(machine.directory, 'runner'))).toEqual([]);
  });

  it('does not see what an earlier job of another repository left in caches and /tmp', async () => {
    const mark =
      'echo poison > /tmp/poison; mkdir -p ~/.cache/pip; echo poison > ~/.cache/pip/poison';
    const look = 'cat /tmp/poison ~/.cache/pip/poison ~/poison';
    await machine.run(payloadOf({ script: [mark] }));
    const same = await machine.run(payloadOf({ script: [look] }));
    const other = await machine.run(
      payloadOf({ script: [look] }, { repository: { uuid: 'another' } }),
    );
    const untrusted = await machine.run(payloadOf({ script: [look] }, { trusted: false }));
    if (!machine.executor.isolates) return;
    expect(same.plain.match(/^poison$/gm)).toHaveLength(1);
    expect(other.plain).not.toMatch(/^poison$/m);
    expect(untrusted.plain).not.toMatch(/^poison$/m);
  });
});

describe('what a job has in the sandbox', () => {
  it('has Sluice’s own commands first, unless it wants others', async () => {
    const commands = join(machine.directory, 'commands');
    mkdirSync(commands, { recursive: true });
    writeFileSync(join(commands, 'divio'), '#!/bin/sh\necho the shim\n', { mode: 0o755 });
    const executor = await createHostExecutor({
      ...hostOptions(machine.directory),
      commandsDir: commands,
    });
    const script = [
      'mkdir -p ~/.local/bin; printf "#!/bin/sh\\necho the real one\\n" > ~/.local/bin/divio; chmod +x ~/.local/bin/divio; divio',
    ];
    const own = await runOn(executor, payloadOf({ script }));
    expect(own.plain).toMatch(/^the shim$/m);
    const env = [{ heading: 'h', vars: [{ text: 'SLUICE_DIVIO_SHIM=0', secret: false }] }];
    const other = await runOn(executor, payloadOf({ script }, { env }));
    expect(other.plain).toMatch(/^the real one$/m);
  });

  it('has a home, a user and a host name that resolve', async () => {
    const job = await machine.run(
      payloadOf({ script: ['echo "$HOME $(whoami) $(pwd)"', 'getent hosts localhost', 'nproc'] }),
    );
    expect(job.state).toBe('passed');
    if (machine.executor.isolates) {
      expect(job.plain).toContain('/home/travis travis /home/travis/build/org/app');
    }
  });
});

describe('without a sandbox', () => {
  it('says so, scrubs the environment, and refuses builds that are not trusted', async () => {
    process.env['SLUICE_MASTER_SECRET'] = 'SECRET-OF-THE-SERVER';
    const executor = await createHostExecutor({
      ...hostOptions(machine.directory),
      sandbox: 'none',
    });
    const job = await runOn(
      executor,
      payloadOf({ script: ['env', `${zoo}/escape.sh sandbox-daemon`] }),
    );
    delete process.env['SLUICE_MASTER_SECRET'];
    expect(job.state).toBe('passed');
    expect(job.plain).toContain('runs without a sandbox');
    expect(job.notices.join()).toContain('without a sandbox');
    expect(job.plain).not.toContain('SECRET-OF-THE-SERVER');
    expect(job.plain).toMatch(new RegExp(`^HOME=${machine.directory}`, 'm'));
    expect(processesWith('sandbox-daemon')).toEqual([]);
    const refused = await runOn(executor, payloadOf({ script: ['echo ran'] }, { trusted: false }));
    expect(refused).toMatchObject({ state: 'errored', verdicts: ['errored'] });
    expect(refused.plain).not.toMatch(/^ran$/m);
  });
});
