/**
 * Webhooks accepted per second: signature verified, durable in the queue, answered; beside the database alone, one
 * fsynced insert for each transaction on the same disk. The worker fetches meanwhile, as it would.
 *
 *   node bench/webhooks.ts [--seconds 5] [--clients 8] [--json FILE]
 */
import { createHmac, randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { createOutsideHost } from '@sluice/testing';
import { createPlace } from '../e2e/support/site.ts';
import { inserts, perSecond } from './inserts.ts';
import { median, number, publish, serverCpuMs } from './lib.ts';

const seconds = number('--seconds', 5);
const CLIENTS = number('--clients', 8);

const host = await createOutsideHost();
const place = await createPlace({
  flags: ['--mirror-local-networks', '--mirror-protocols=http,https,ssh'],
});
const { url, work } = await host.create('team/app');
try {
  await work.commit('first');
  await work.git('push', '-q', 'origin', 'HEAD');
  const client = place.client();
  const { results } = await client.organisations.list();
  const source = await client.sources.create({
    ...{ organisation: results[0]?.uuid ?? '', url },
    ...{ username: host.user, password: host.password },
  });
  await client.sources.fetch(source.uuid);
  const hook = await client.sources.makeWebhook(source.uuid, 'github');

  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const took: number[] = [];
  const deliver = () =>
    new Promise<void>((done, failed) => {
      const name = randomUUID();
      const body = JSON.stringify({
        ...{ ref: 'refs/heads/main', delivery: name, repository: { full_name: 'team/app' } },
        // As large as a push of a few commits is.
        commits: Array.from({ length: 5 }, (_, index) => ({
          id: name,
          index,
          message: 'x'.repeat(900),
        })),
      });
      const signature = createHmac('sha256', hook.secret).update(body).digest('hex');
      const begun = performance.now();
      const call = request(
        hook.url,
        {
          ...{ method: 'POST', agent },
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            'x-github-event': 'push',
            'x-github-delivery': name,
            'x-hub-signature-256': `sha256=${signature}`,
          },
        },
        (answer) => {
          answer.resume();
          answer.on('end', () => {
            took.push(performance.now() - begun);
            if (answer.statusCode === 202) done();
            else failed(new Error(`answered ${answer.statusCode}`));
          });
        },
      );
      call.on('error', failed);
      call.end(body);
    });

  for (let warm = 0; warm < 100; warm += 1) await deliver();
  took.length = 0;
  const { dataDir } = place.installation;
  let count = 0;
  const before = await serverCpuMs(dataDir);
  const accepted = await perSecond(seconds, async (until) => {
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        while (performance.now() < until) {
          await deliver();
          count += 1;
        }
      }),
    );
    return count;
  });
  const cpuMs = ((await serverCpuMs(dataDir)) - before) / count;
  agent.destroy();

  const reference = await inserts(seconds);
  await publish(
    {
      title: 'Webhooks durably accepted',
      reference: 'fsynced inserts',
      columns: [
        { key: 'perSecond', title: 'rate', unit: '1/s', better: 'higher' },
        { key: 'cpuMs', title: 'processor time for each', unit: 'ms', better: 'lower' },
        { key: 'medianMs', title: 'median answer', unit: 'ms', better: 'lower' },
      ],
      rows: [
        {
          name: 'fsynced inserts',
          figures: { ...reference, medianMs: 1_000 / reference.perSecond },
        },
        {
          name: 'sluice, github push',
          figures: { perSecond: accepted, cpuMs, medianMs: median(took) },
        },
      ],
      skipped: [],
      conditions: { seconds, clients: CLIENTS, bodyBytes: 5_000 },
    },
    process.argv.slice(2),
  );
} finally {
  await place.destroy();
  await host.close();
  await work.remove();
}
