import { type Files, run } from '@sluice/testing';
import { createPlace, type Place, type Site, webApplication } from './site.ts';

/** A Sluice with something on every page: for the pictures in `docs/` and for the tests that look at every page. */
export interface Showcase {
  readonly place: Place;
  /** One that lives: passed, failed and running builds, deployments of every outcome, a rollback that holds. */
  readonly shop: Site;
  /** One that has no commit yet. */
  readonly empty: Site;
  readonly builds: { readonly passed: number; readonly failed: number };
  /** The job with a long, coloured log. */
  readonly job: number;
  readonly deployments: { readonly live: string; readonly failed: string };
  readonly commits: { readonly live: string; readonly broken: string };
}

const STAGES = `language: generic
stages:
  - lint
  - test
  - name: package
    if: branch = main
jobs:
  include:
    - stage: lint
      name: Style
      script: sh tests/lint.sh
    - stage: test
      name: Unit tests
      script: sh tests/unit.sh
    - name: Integration tests
      script: sh tests/integration.sh
    - name: Nightly toolchain
      script: 'false'
    - stage: package
      name: Package
      script: echo "packed 12 files"
  allow_failures:
    - name: Nightly toolchain
    - env: NEVER=set
notfications: {}
deploy:
  provider: sluice
  environment: test
`;

const LOG = String.raw`printf '\033[1mRunning 48 tests\033[0m\n'
for n in $(seq 1 48); do printf '\033[32m  ok\033[0m %s basket keeps its sum with %s rolls\n' "$n" "$n"; done
printf '\033[33mwarning:\033[0m 2 tests took longer than a second\n'
printf '\033[1;32m48 passed\033[0m\n'
`;

export async function createShowcase(): Promise<Showcase> {
  const place = await createPlace();
  const { installation } = place;
  const { dataDir } = installation;
  const people = [
    ['mira@example.com', 'Mira', 'Lindqvist'],
    ['tomas@example.com', 'Tomás', 'Okafor'],
  ] as const;
  for (const [email, first, last] of people) {
    const words = ['admin', 'create-user', '--data', dataDir, '--email', email];
    await installation.must([...words, '--first-name', first, '--last-name', last]);
  }

  const shop = await place.createApplication('bakery');
  const empty = await place.createApplication('newsletter');
  const mira = commitsOf(shop, 'Mira Lindqvist', 'mira@example.com');
  const tomas = commitsOf(shop, 'Tomás Okafor', 'tomas@example.com');
  await mira('Open the bakery', {
    '.travis.yml': STAGES,
    'tests/lint.sh': 'echo "14 files, no complaints"\n',
    'tests/unit.sh': LOG,
    'tests/integration.sh': 'echo "till, oven and shelf agree"\n',
    ...webApplication('<h1>The bakery is open</h1>'),
  });
  const first = await settled(shop);
  await shop.sluice('app', 'deploy', 'live', '--commit', first);
  const good = await tomas('Sell rye bread', webApplication('<h1>Rye bread is here</h1>'));
  await settled(shop);
  const environment = shop.environment('test').uuid;
  for (const [name, value, is_sensitive] of [
    ['OVEN', '250', false],
    ['BAKER_PIN', 'flour-4711', true],
  ] as const) {
    await place.client().variables.create({ environment, name, value, is_sensitive });
  }
  await place.client().domains.create({ environment, name: 'bread.example.com' });
  const red = await mira('Sell croissants', {
    'tests/unit.sh': 'echo "1) basket: expected 3.20, got 3.02"; exit 1\n',
  });
  const broken = await tomas('Count the rolls again', {
    'tests/unit.sh': LOG,
    ...webApplication('<h1>Never seen</h1>', 'raise SystemExit("no flour in the oven")'),
  });
  await shop.until(broken, 'test', (state) => state === 'deploy_failed');
  const mended = await mira('Buy flour', webApplication('<h1>Flour is back</h1>'));
  await settled(shop);

  const client = place.client();
  const { uuid } = shop.application;
  const builds = (await client.builds.list({ application: uuid })).results;
  const numberOf = (sha: string) => {
    const found = builds.find((build) => build.sha === sha);
    if (found === undefined) throw new Error(`no build of ${sha}`);
    return found.id;
  };
  const passed = numberOf(mended);
  const { jobs } = await client.builds.get(passed);
  const job = jobs.find(({ name }) => name === 'Unit tests');
  if (job === undefined) throw new Error('no unit tests');
  const deploymentOf = async (sha: string): Promise<string> => {
    const place = (await shop.why(sha)).environments.find(({ slug }) => slug === 'test');
    if (!place?.deployment) throw new Error(`no deployment of ${sha}`);
    return place.deployment;
  };
  return {
    place,
    shop,
    empty,
    builds: { passed, failed: numberOf(red) },
    job: job.id,
    deployments: { live: await deploymentOf(mended), failed: await deploymentOf(broken) },
    commits: { live: good, broken },
  };
}

/** Waits until the branch's head is live on `test`; answers its SHA. */
async function settled(site: Site): Promise<string> {
  const sha = await site.repository.sha();
  await site.until(sha, 'test', (state) => state === 'live');
  return sha;
}

/** Commits of today by somebody with a name; the test repository's own are all from one day long ago. */
function commitsOf(site: Site, name: string, email: string) {
  return async (message: string, files: Files): Promise<string> => {
    const { path } = site.repository;
    await site.repository.commit(message, files);
    const author = ['-c', `user.name=${name}`, '-c', `user.email=${email}`];
    await run('git', [...author, 'commit', '--amend', '--quiet', '--no-edit', '--reset-author'], {
      cwd: path,
    });
    await site.repository.git('push', '--quiet', 'origin', 'HEAD');
    return site.repository.sha();
  };
}
