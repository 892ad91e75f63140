/**
 * Random storms per minute (`sluice simulate`): one at a time, many at once, and many with a server that is killed again and
 * again. Ends with 1 where a promise is broken, and prints the storm that breaks it.
 *
 *   node bench/storm.ts [--seeds 100] [--parallel 8] [--json FILE]
 */
import { join } from 'node:path';
import { createPlace, type Place } from '../e2e/support/site.ts';
import { publish, type Row } from './lib.ts';

const root = join(import.meta.dirname, '..');
const argument = (name: string, otherwise: number) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const seeds = argument('--seeds', 100);
const parallel = argument('--parallel', 8);

/** What `simulate --seeds --json` prints, as far as it is read here. */
interface Told {
  readonly ok: boolean;
  readonly kills: number;
  readonly seconds: number;
  readonly storms: readonly unknown[];
  readonly totals: { readonly deployments: number; readonly struck: number };
}

async function simulate(place: Place, name: string, words: readonly string[]): Promise<Row> {
  const told = await place.installation.sluice(['simulate', '--small', '--json', ...words], {
    environment: { SLUICE_TOKEN: place.token },
  });
  if (told.code !== 0)
    throw new Error(`${name}: exit code ${told.code}\n${told.stdout}${told.stderr}`);
  const { storms, seconds, kills, totals }: Told = JSON.parse(told.stdout);
  const perMinute = (count: number) => (count * 60) / seconds;
  return {
    name,
    figures: {
      storms: perMinute(storms.length),
      deployments: perMinute(totals.deployments),
      kills: perMinute(kills),
    },
  };
}

const REFERENCE = 'one at a time';
const rows: Row[] = [];
const place = await createPlace();
try {
  const some = Math.max(1, Math.round(seeds / 10));
  rows.push(await simulate(place, REFERENCE, ['--seeds', `1..${some}`, '--parallel', '1']));
  const many = ['--seeds', `1..${seeds}`, '--parallel', String(parallel)];
  rows.push(await simulate(place, 'many at once', many));
  await place.installation.signal('SIGTERM');
  const server = [join(root, 'script/server'), '--data', place.installation.dataDir, '--port', '0'];
  rows.push(
    await simulate(place, 'many, the server killed', [...many, '--server', server.join(' ')]),
  );
} finally {
  await place.destroy();
}

await publish(
  {
    title: 'Storms in which every promise was kept',
    reference: REFERENCE,
    columns: [
      { key: 'storms', title: 'storms', unit: '1/min', better: 'higher' },
      { key: 'deployments', title: 'deployments', unit: '1/min', better: 'higher' },
      { key: 'kills', title: 'kills', unit: '1/min', better: 'higher' },
    ],
    rows,
    skipped: [],
    conditions: { seeds, parallel },
  },
  process.argv.slice(2),
);
