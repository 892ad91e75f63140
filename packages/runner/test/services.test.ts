import { existsSync, globSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { skipUnless, useMachine } from './support/machine.ts';
import { payloadOf } from './support/payload.ts';

const machine = useMachine();
const run = (config: Record<string, unknown>) => machine.run(payloadOf(config));

const noPostgres = skipUnless(
  globSync('/usr/lib/postgresql/*/bin/initdb').length > 0,
  'there is no PostgreSQL on this machine',
);
const isTaken = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

describe('services (spec/travis.md 8)', () => {
  it.skipIf(noPostgres)('start where the program is there, and end with the job', async () => {
    if (await isTaken(5432)) return;
    const psql = '$(ls -d /usr/lib/postgresql/*/bin | tail -1)/psql';
    const job = await run({
      services: ['postgresql'],
      script: [`${psql} -c 'create database mine' && ${psql} -d mine -Atc 'select 40 + 2'`],
    });
    expect(job.plain).toContain('The service postgresql runs at port 5432.');
    expect(job.state).toBe('passed');
    expect(job.plain).toMatch(/^42$/m);
    expect(await isTaken(5432)).toBe(false);
  });

  it('are left out with a notice where there is no such program, or no such service', async () => {
    const job = await run({ services: ['rabbitmq', 'nothing $(id)'], script: ['true'] });
    expect(job.state).toBe('passed');
    expect(job.plain).toContain('The service rabbitmq is not started here.');
    expect(job.plain).toContain('The service nothing $(id) is not started here.');
  });

  it('are not started where the port is taken', async () => {
    const server = net.createServer().listen(11_211, '127.0.0.1');
    const listening = await new Promise<boolean>((resolve) => {
      server.once('listening', () => resolve(true)).once('error', () => resolve(false));
    });
    const job = await run({ services: ['memcached'], script: ['true'] });
    if (listening) await new Promise((resolve) => server.close(resolve));
    expect(job.plain).toContain('Something answers at port 11211 already');
    expect(job.state).toBe('passed');
  });
});

describe('addons', () => {
  const noDpkg = skipUnless(existsSync('/var/lib/dpkg/status'), 'this machine has no dpkg');

  it.skipIf(noDpkg)(
    'name the packages that the machine lacks, and the addons without effect',
    async () => {
      const known = readFileSync('/var/lib/dpkg/status', 'utf8').split('\n\n');
      const installed = known.find((one) => one.includes('\nStatus: install ok installed\n'));
      const there = /^Package: (.+)$/m.exec(installed ?? '')?.[1];
      const job = await run({
        addons: {
          apt: { packages: [there, 'no-such-package-here', '--oops'] },
          hosts: ['site.test'],
        },
        script: ['true'],
      });
      expect(job.state).toBe('passed');
      expect(job.plain).toContain('Missing: no-such-package-here --oops.');
      expect(job.plain).toContain('Addons that have no effect here: hosts.');
      const good = await run({ addons: { apt: { packages: [there] } }, script: ['true'] });
      expect(good.plain).toContain(`These packages are there: ${there}`);
    },
  );

  it('say that another processor was asked for', async () => {
    const job = await run({ arch: 's390x', script: ['true'] });
    expect(job.plain).toContain('This job asks for arch: s390x');
  });
});
