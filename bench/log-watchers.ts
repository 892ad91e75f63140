/**
 * Two hundred people watch the log of one job: what the server spends on them, beside one who watches. And how long a
 * line takes from the job that prints it to whoever watches.
 *
 *   node bench/log-watchers.ts [--watchers 200] [--seconds 10] [--json FILE]
 */
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createPlace } from '../e2e/support/site.ts';
import { median, number, publish, type Row, serverCpuMs } from './lib.ts';

const watchers = number('--watchers', 200);
const seconds = number('--seconds', 10);
const EVERY_MS = 50;

const place = await createPlace();
try {
  const { dataDir } = place.installation;
  const site = await place.createApplication('bench');
  const client = place.client();
  const lines = Math.round((seconds * 1_000) / EVERY_MS);
  const script = `for n in $(seq 1 ${lines}); do echo "at $EPOCHREALTIME line $n of a log that people watch"; sleep ${EVERY_MS / 1_000}; done`;

  const rows: Row[] = [];
  // The first one warms up.
  for (const count of [1, 0, 1, watchers]) {
    const figures = await watched(count, rows.length);
    rows.push({ name: `${count} watching`, figures });
  }
  const [, nobody, one, many] = rows;
  if (nobody === undefined || one === undefined || many === undefined) throw new Error('no rows');

  await publish(
    {
      title: `${watchers} people watch one job`,
      reference: one.name,
      columns: [
        { key: 'cpu', title: 'CPU of the server', unit: 'ms', better: 'lower' },
        { key: 'bytes', title: 'sent to each', unit: 'bytes', better: 'lower' },
        { key: 'median', title: 'from print to reader, median', unit: 'ms', better: 'lower' },
        { key: 'worst', title: 'worst', unit: 'ms', better: 'lower' },
      ],
      rows: [nobody, one, many],
      skipped: [],
      conditions: { seconds, lines, 'lines per second': 1_000 / EVERY_MS },
    },
    process.argv.slice(2),
  );

  /** Runs a job, and has it watched from its start to its end. */
  async function watched(count: number, round: number): Promise<Record<string, number>> {
    const sha = await site.push(`round ${round}`, {
      '.travis.yml': `language: generic\ngit:\n  clone: false\nscript:\n  - ${JSON.stringify(script)}\n`,
      round: String(round),
    });
    const job = await startedJob(sha);
    const before = await serverCpuMs(dataDir);
    const readers = Array.from({ length: count }, () => watch(job));
    const [seen] = await Promise.all([Promise.all(readers), ended(sha)]);
    const cpu = (await serverCpuMs(dataDir)) - before;
    const delays = seen.flatMap((reader) => reader.delays);
    for (const reader of seen) {
      if (reader.delays.length !== lines) {
        throw new Error(`a watcher saw ${reader.delays.length} of ${lines} lines`);
      }
    }
    return {
      cpu,
      bytes: median(seen.map((reader) => reader.bytes)),
      median: median(delays),
      worst:
        delays.length === 0 ? Number.NaN : delays.reduce((most, one) => Math.max(most, one), 0),
    };
  }

  async function build(sha: string) {
    const { results } = await client.builds.list({ application: site.application.uuid, sha });
    return results[0] === undefined ? null : client.builds.get(results[0].id);
  }
  async function startedJob(sha: string): Promise<number> {
    for (;;) {
      const job = (await build(sha))?.jobs[0];
      if (job !== undefined && job.started_at !== null) return job.id;
      await delay(20);
    }
  }
  async function ended(sha: string): Promise<void> {
    while (!(await build(sha))?.finished_at) await delay(500);
  }
  function watch(job: number): Promise<{ bytes: number; delays: number[] }> {
    const { hostname, port } = new URL(place.installation.url());
    return new Promise((resolve, reject) => {
      const sent = request({
        ...{ hostname, port, agent: false, path: `/ci/v3/jobs/${job}/log/stream/` },
        headers: { authorization: `Token ${place.token}` },
      });
      sent.on('error', reject);
      sent.on('response', (response) => {
        let bytes = 0;
        let begun = '';
        const delays: number[] = [];
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          bytes += Buffer.byteLength(text);
          const events = (begun + text).split('\n\n');
          begun = events.pop() ?? '';
          for (const [, time] of events.join().matchAll(/at (\d+\.\d+) line \d+ of/g)) {
            delays.push(Date.now() - Number(time) * 1_000);
          }
        });
        response.on('end', () => resolve({ bytes, delays }));
        response.on('error', reject);
      });
      sent.end();
    });
  }
} finally {
  await place.destroy();
}
