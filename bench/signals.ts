/**
 * Deploy signals that are durably accepted per second, over HTTP with a token, beside the database alone: one fsynced
 * insert for each transaction on the same disk.
 *
 *   node bench/signals.ts [--seconds 5] [--clients 8] [--json FILE]
 */
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { createPlace, travis, webApplication } from '../e2e/support/site.ts';
import { inserts, perSecond } from './inserts.ts';
import { number, publish, serverCpuMs } from './lib.ts';

const seconds = number('--seconds', 5);
const CLIENTS = number('--clients', 8);

const place = await createPlace();
try {
  const site = await place.createApplication('signals');
  await site.push('first', { ...travis('true'), ...webApplication('first') });
  await place.installation.must(['app', 'deploy', '--remote-id', String(site.application.id)]);
  // On hold a signal ends at once: what is measured is accepting, not deploying.
  const second = await site.push('second', webApplication('second'));
  await place.installation.must(['app', 'deploy', '--remote-id', String(site.application.id)]);
  await place.installation.must(['app', 'rollback', '--remote-id', String(site.application.id)]);

  const url = new URL(`/api/v1/website/${site.application.id}/deploy/`, place.installation.url());
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const signal = () =>
    new Promise<void>((done, failed) => {
      const body = `stage=test&commit=${second}`;
      const call = request(
        url,
        {
          method: 'POST',
          agent,
          headers: {
            authorization: `Basic ${place.token}`,
            'content-type': 'application/x-www-form-urlencoded',
            'content-length': body.length,
          },
        },
        (answer) => {
          answer.resume();
          answer.on('end', () => {
            if (answer.statusCode === 201 || answer.statusCode === 200) done();
            else failed(new Error(`answered ${answer.statusCode}`));
          });
        },
      );
      call.on('error', failed);
      call.end(body);
    });

  const { dataDir } = place.installation;
  for (let warm = 0; warm < 50; warm += 1) await signal();
  let count = 0;
  const before = await serverCpuMs(dataDir);
  const accepted = await perSecond(seconds, async (until) => {
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        while (performance.now() < until) {
          await signal();
          count += 1;
        }
      }),
    );
    return count;
  });
  const cpuMs = ((await serverCpuMs(dataDir)) - before) / count;
  agent.destroy();

  await publish(
    {
      title: 'Signals durably accepted',
      reference: 'fsynced inserts',
      columns: [
        { key: 'perSecond', title: 'rate', unit: '1/s', better: 'higher' },
        { key: 'cpuMs', title: 'processor time for each', unit: 'ms', better: 'lower' },
      ],
      rows: [
        { name: 'fsynced inserts', figures: { ...(await inserts(seconds)) } },
        { name: 'sluice, v1 deploy', figures: { perSecond: accepted, cpuMs } },
      ],
      skipped: [],
      conditions: { seconds, clients: CLIENTS },
    },
    process.argv.slice(2),
  );
} finally {
  await place.destroy();
}
