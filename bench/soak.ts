/**
 * Twenty minutes at a bounded rate: two servers over one PostgreSQL, three runners, applications that are pushed to, built,
 * deployed and rolled back all the time, with SIGKILLs of servers, runners and an application's process. Ends with 1
 * where anything was lost, failed or grew, and says what and where.
 *
 *   node bench/soak.ts [--minutes 20] [--applications 3] [--seconds-per-commit 10] [--seed 1] [--json FILE]
 */
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { findPostgres } from '@sluice/testing';
import { drawTimeline } from '../packages/cli/src/simulate/timeline.ts';
import { report } from './soak/report.ts';
import { soak } from './soak/run.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    applications: { type: 'string', default: '3' },
    'seconds-per-commit': { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
});
if ((await findPostgres()) === null) {
  console.log('soak: skipped, PostgreSQL is not installed (Debian: apt-get install postgresql)');
  process.exit(0);
}
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => interruption.abort(new Error(`ended by ${signal}`)));
const loadBefore = loadavg()[0] ?? 0;
const result = await soak({
  seconds: Number(values.minutes) * 60,
  applications: Number(values.applications),
  pace: { seconds: 60, secondsPerCommit: Number(values['seconds-per-commit']) },
  warmUpStorms: 3,
  lifeMs: { from: 15_000, to: 30_000 },
  seed: Number(values.seed),
  interruption: interruption.signal,
  progress: (line) => console.log(line),
});
for (const record of result.records) console.log(`\n${drawTimeline(record)}`);
console.log(`\n${report(result)}`);
console.log(
  `load of the machine before and after: ${loadBefore.toFixed(1)}, ${loadavg()[0]?.toFixed(1)}`,
);
if (values.json !== undefined) {
  const { records, ...figures } = result;
  await writeFile(
    values.json,
    `${JSON.stringify({ ...figures, ok: result.broken.length === 0 })}\n`,
  );
}
process.exitCode = result.broken.length === 0 ? 0 : 1;
