/**
 * What a long history costs: the questions that people and the service itself ask most, with 10,000, 100,000 and
 * 1,000,000 builds that have ended and a fifth as many deployments, in the rooms over a real SQLite or PostgreSQL. In
 * processor time of this process, in which SQLite runs, and of PostgreSQL's: so what else the machine does hardly counts.
 *
 *   node bench/history.ts [--database sqlite|postgres] [--builds 10000,100000,1000000] [--applications 20] [--json FILE]
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { createApplications } from '../packages/server/src/applications/index.ts';
import { createCiKit } from '../packages/server/src/ci/test/kit.ts';
import { environmentsAtWork } from '../packages/server/src/deploy/engine/environment.ts';
import { createViews } from '../packages/server/src/deploy/engine/views.ts';
import { periodUntil } from '../packages/server/src/insights/period.ts';
import {
  readBuilds,
  readDeployments,
  readPushes,
  readRuns,
} from '../packages/server/src/insights/rows.ts';
import {
  buildRows,
  lastEnded,
  movingRows,
  servingRows,
  testRows,
} from '../packages/server/src/overview/rows.ts';
import { readBacklogs } from '../packages/server/src/system/work.ts';
import { bytesOf, processorTime, startDatabase } from './history/engine.ts';
import { fill, type Place } from './history/fill.ts';
import { publish, type Row } from './lib.ts';

const { values } = parseArgs({
  options: {
    database: { type: 'string', default: 'sqlite' },
    builds: { type: 'string', default: '10000,100000,1000000' },
    applications: { type: 'string', default: '20' },
    json: { type: 'string' },
  },
});
const SIZES = values.builds.split(',').map(Number);
const APPLICATIONS = Number(values.applications);
const REPEATS = 10;
const REFERENCE = 'one row by its key';
const YAML = 'language: generic\nscript: "true"\n';

if (values.database !== 'sqlite' && values.database !== 'postgres')
  throw new Error(`--database is sqlite or postgres, not ${values.database}`);
const cluster = values.database === 'postgres' ? await startDatabase() : null;
const kit = await createCiKit();
const { store, ci } = kit;
try {
  const applications = createApplications({
    ...{ store, git: kit.git, secrets: kit.secrets, applicationPort: () => 1 },
    settings: { appDomain: 'localhost', deletionGraceDays: 7 },
  });
  await kit.push(YAML);
  await kit.run(await kit.lease());
  const places: Place[] = [];
  for (let index = 0; index < APPLICATIONS; index += 1) {
    const one = await applications.create({
      ...{ name: `app ${index}`, organisationUuid: kit.organisationUuid, createdBy: null },
    });
    const [environment] = await applications.environments(one.uuid);
    places.push({
      ...{ repository: one.repositoryUuid, application: one.uuid },
      environment: environment?.uuid ?? '',
    });
  }
  const [first] = places;
  if (first === undefined) throw new Error('at least one application');
  const repositories = places.map(({ repository }) => repository);
  const environments = places.map(({ environment }) => environment);
  const views = createViews(store);
  const period = periodUntil(Date.now(), 30);
  const page = { limit: 20, offset: 0 };

  const questions = (size: number): Record<string, () => Promise<unknown>> => ({
    [REFERENCE]: () =>
      store.db
        .selectFrom('builds')
        .select('state')
        .where('id', '=', 1_000 + size / 2)
        .execute(),
    'builds of an application, first page': () =>
      ci.builds.list({ repositoryUuids: [first.repository] }, page),
    'builds of everybody, first page': () => ci.builds.list({ repositoryUuids: null }, page),
    'a build with its jobs': () => ci.builds.get(1_000 + size / 2),
    'deployments of an environment, first page': () =>
      views.list({ environmentUuids: [first.environment], ...page }),
    [`dashboard of ${APPLICATIONS} applications`]: () =>
      Promise.all([
        buildRows(store, repositories),
        lastEnded(store, environments),
        movingRows(store, environments),
        servingRows(store, environments),
      ]),
    'why: the tests of ten commits': () =>
      testRows(
        store,
        [first.repository],
        Array.from({ length: 10 }, (_, i) => String(i)),
      ),
    'figures (DORA) of 30 days': () =>
      Promise.all([
        readBuilds(store, first.repository, period),
        readRuns(store, first.repository, period),
        readPushes(store, first.repository, period),
        readDeployments(store, first.environment, period),
      ]),
    'what is under way, at a start': () => environmentsAtWork(store),
    'health: messages that wait': () => readBacklogs(store),
  });

  const figures = new Map<string, Record<string, number>>();
  const note = (name: string, size: number, ms: number) =>
    figures.set(name, { ...figures.get(name), [`b${size}`]: ms });
  let there = 0;
  for (const size of SIZES) {
    await fill(store, places, there, size);
    // What is pushed below takes the next few ids.
    there = size + 100;
    for (const [name, ask] of Object.entries(questions(size))) note(name, size, await cpuMs(ask));
    note('a push until its build is there', size, await cpuMs(() => kit.push(YAML), 3));
    note(
      'lease, verdict and end of a job',
      size,
      await cpuMs(async () => kit.run(await kit.lease()), 3),
    );
    note('database, MiB', size, (await bytesOf(store, kit.dataDir)) / 1024 ** 2);
    console.log(`${size} builds measured`);
  }
  const [smallest, largest] = [Math.min(...SIZES), Math.max(...SIZES)];
  const rows: Row[] = [...figures].map(([name, sizes]) => ({
    name,
    figures: {
      ...sizes,
      growth: (sizes[`b${largest}`] ?? Number.NaN) / (sizes[`b${smallest}`] ?? Number.NaN),
    },
  }));
  await publish(
    {
      title: `With a long history, ${values.database}: processor time`,
      reference: REFERENCE,
      columns: [
        ...SIZES.map((size) => ({
          ...{ key: `b${size}`, title: `${size.toLocaleString('en-US')} builds` },
          ...{ unit: 'ms', better: 'lower' as const },
        })),
        { key: 'growth', title: 'largest by smallest', unit: 'x', better: 'lower' },
      ],
      rows,
      skipped: [],
      conditions: {
        ...{ applications: APPLICATIONS, repeats: REPEATS },
        load: (loadavg()[0] ?? 0).toFixed(1),
      },
    },
    process.argv.slice(2),
  );
} finally {
  await kit.close();
  await cluster?.destroy();
}

/** Processor time of one, after one that warms up. */
async function cpuMs(ask: () => Promise<unknown>, repeats = REPEATS): Promise<number> {
  await ask();
  const repeated = async () => {
    for (let repeat = 0; repeat < repeats; repeat += 1) await ask();
  };
  return (await processorTime(store, repeated)) / repeats;
}
