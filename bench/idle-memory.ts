/**
 * Resident memory at idle: server, router and supervisor, each beside a Node process that does nothing.
 *
 *   node bench/idle-memory.ts [--json FILE]
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createPlace, travis, webApplication } from '../e2e/support/site.ts';
import { publish } from './lib.ts';

const SETTLE_MS = 3_000;

const place = await createPlace();
const idle = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
try {
  const site = await place.createApplication('idle');
  await site.push('first', { ...travis('true'), ...webApplication('first') });
  await place.installation.must(['app', 'deploy', '--remote-id', String(site.application.id)]);
  await pause(SETTLE_MS);
  const { dataDir } = place.installation;
  const megabytes = (pid: number) => ({ resident: residentBytes(pid) / 1024 ** 2 });
  const row = (name: string) => ({ name, figures: megabytes(processOf(name, dataDir)) });
  await publish(
    {
      title: 'Memory at idle, with one application deployed',
      reference: 'node, doing nothing',
      columns: [{ key: 'resident', title: 'resident', unit: 'MiB', better: 'lower' }],
      rows: [
        { name: 'node, doing nothing', figures: megabytes(idle.pid ?? 0) },
        row('server'),
        row('router'),
        row('supervisor'),
      ],
      skipped: [],
      conditions: { settledMs: SETTLE_MS },
    },
    process.argv.slice(2),
  );
} finally {
  idle.kill();
  await place.destroy();
}

/** The process that wrote its identity into the installation's `run` directory. */
function processOf(name: string, dataDir: string): number {
  const identity: { pid: number } = JSON.parse(
    readFileSync(join(dataDir, 'run', `${name}.json`), 'utf8'),
  );
  return identity.pid;
}

function residentBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? Number.NaN) * 1024;
}
