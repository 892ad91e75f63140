/**
 * Resident memory at idle: server, router and supervisor, each beside a Node process that does nothing.
 *
 *   node bench/idle-memory.ts [--json FILE]
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
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
  const row = (name: string, file: string) => ({
    name,
    figures: megabytes(processOf(file, dataDir)),
  });
  await publish(
    {
      title: 'Memory at idle, with one application deployed',
      reference: 'node, doing nothing',
      columns: [{ key: 'resident', title: 'resident', unit: 'MiB', better: 'lower' }],
      rows: [
        { name: 'node, doing nothing', figures: megabytes(idle.pid ?? 0) },
        row('server', 'server/src/main.ts'),
        row('router', 'router/process/main.ts'),
        row('supervisor', 'supervisor/process/main.ts'),
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

/** The process of this installation whose command line names `file`. */
function processOf(file: string, dataDir: string): number {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const words = readFileSync(`/proc/${entry}/cmdline`, 'utf8');
      if (words.includes(file) && words.includes(dataDir)) return Number(entry);
    } catch {
      // It ended meanwhile.
    }
  }
  throw new Error(`no process of ${file}`);
}

function residentBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? Number.NaN) * 1024;
}
