/**
 * From `git push` to a build that passed, for a job that does nothing, beside what nobody can beat: cloning the same
 * repository and running the same script with plain git and sh.
 *
 *   node bench/push-to-green.ts [--rounds 10] [--json FILE]
 */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { createPlace, travis } from '../e2e/support/site.ts';
import { medians, publish } from './lib.ts';

const run = promisify(execFile);
const at = process.argv.indexOf('--rounds');
const rounds = at < 0 ? 10 : Number(process.argv[at + 1]);

const place = await createPlace();
try {
  const site = await place.createApplication('bench');
  const client = place.client();
  const remote = await site.repository.git('remote', 'get-url', 'origin');
  const warm = await site.push('warm up', travis('true'));
  await passed(warm);

  const sluice: Record<string, number>[] = [];
  const plain: Record<string, number>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const sha = await site.repository.commit(`round ${round}`, { round: String(round) });
    const begun = performance.now();
    await site.repository.git('push', '--quiet', 'origin', 'HEAD');
    await passed(sha);
    sluice.push({ total: performance.now() - begun });

    const clone = join(place.installation.home, `clone-${round}`);
    const cloneBegun = performance.now();
    await run('git', ['clone', '--quiet', '--depth=50', remote, clone]);
    await run('sh', ['-c', 'true'], { cwd: clone });
    plain.push({ total: performance.now() - cloneBegun });
    await rm(clone, { recursive: true });
  }

  await publish(
    {
      title: 'From push to green',
      reference: 'git clone && sh',
      columns: [{ key: 'total', title: 'total', unit: 'ms', better: 'lower' }],
      rows: [
        { name: 'git clone && sh', figures: medians(plain) },
        { name: 'sluice', figures: medians(sluice) },
      ],
      skipped: [],
      conditions: { rounds, job: 'language: generic, script: true, in a sandbox' },
    },
    process.argv.slice(2),
  );

  async function passed(sha: string): Promise<void> {
    for (;;) {
      const { results } = await client.builds.list({ application: site.application.uuid, sha });
      const state = results[0]?.state;
      if (state === 'passed') return;
      if (state === 'failed' || state === 'errored') throw new Error(`the build ${state}`);
      await new Promise((done) => setTimeout(done, 5));
    }
  }
} finally {
  await place.destroy();
}
