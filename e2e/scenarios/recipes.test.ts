import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type CommandResult, run } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createPlace, type Place, type Site, webApplication } from '../support/site.ts';

/** What stands in examples/ci is what is run here, with the variables that each service sets. */
const RECIPES = resolve(import.meta.dirname, '../../examples/ci');

/** For a push of `sha` to main. */
const VARIABLES: Record<string, (sha: string) => Record<string, string>> = {
  'github-actions.yml': (sha) => ({
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_SHA: sha,
  }),
  'gitlab-ci.yml': (sha) => ({
    GITLAB_CI: 'true',
    CI_COMMIT_BRANCH: 'main',
    CI_PIPELINE_SOURCE: 'push',
    CI_COMMIT_SHA: sha,
  }),
  'circleci.yml': (sha) => ({
    CIRCLECI: 'true',
    CIRCLE_BRANCH: 'main',
    CIRCLE_SHA1: sha,
    CIRCLE_PULL_REQUEST: 'https://github.com/acme/shop/pull/3',
  }),
  Jenkinsfile: (sha) => ({ BRANCH_NAME: 'main', JENKINS_URL: 'http://ci', GIT_COMMIT: sha }),
  'travis.yml': (sha) => ({
    TRAVIS: 'true',
    TRAVIS_BRANCH: 'main',
    TRAVIS_PULL_REQUEST: 'false',
    TRAVIS_COMMIT: sha,
  }),
  'buildkite.yml': (sha) => ({
    BUILDKITE: 'true',
    BUILDKITE_BRANCH: 'main',
    BUILDKITE_PULL_REQUEST: 'false',
    BUILDKITE_COMMIT: sha,
  }),
  'bitbucket-pipelines.yml': (sha) => ({ BITBUCKET_BRANCH: 'main', BITBUCKET_COMMIT: sha }),
  'woodpecker.yml': (sha) => ({
    CI_PIPELINE_EVENT: 'push',
    CI_COMMIT_BRANCH: 'main',
    CI_COMMIT_PULL_REQUEST: '',
    CI_COMMIT_SHA: sha,
  }),
};

let place: Place;
let site: Site;
let workspace: string;
beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'sluice-recipes-'));
  place = await createPlace();
  site = await place.createApplication('shop');
  await site.push('first', webApplication('first'));
});
afterAll(async () => {
  await place?.destroy();
  await rm(workspace, { recursive: true, force: true });
});

/** The lines of a recipe that fetch and call `sluice`, as its service would hand them to a shell. */
async function commandsOf(file: string): Promise<string> {
  const text = await readFile(join(RECIPES, file), 'utf8');
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === 'string' && value.includes('sluice.mjs')) found.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  if (file === 'Jenkinsfile') visit(/sh '''\n(.*?)'''/s.exec(text)?.[1]);
  else visit(parse(text));
  // Buildkite interpolates a pipeline when it is uploaded, unless the dollar is doubled.
  return found.join('\n').replaceAll('$$', '$');
}

async function runRecipe(
  file: string,
  variables: Record<string, string>,
): Promise<CommandResult & { readonly said: string }> {
  const result = await run('sh', ['-e', '-c', await commandsOf(file)], {
    cwd: workspace,
    environment: {
      ...variables,
      CI: 'true',
      HOME: workspace,
      SLUICE_URL: place.installation.url(),
      SLUICE_TOKEN: place.token,
    },
  });
  return { ...result, said: `${result.stdout}${result.stderr}` };
}

it('there is a recipe for each service that the documentation names', async () => {
  expect((await readdir(RECIPES)).sort()).toEqual(Object.keys(VARIABLES).sort());
  const guide = await readFile(
    resolve(RECIPES, '../../docs/how-to/deploy-from-another-ci.md'),
    'utf8',
  );
  for (const file of Object.keys(VARIABLES)) expect(guide).toContain(`examples/ci/${file})`);
});

describe('deploys the commit that was tested, and waits', () => {
  it.each(Object.keys(VARIABLES))('%s', async (file) => {
    const sha = await site.push(file, webApplication(file));
    // The branch has moved on meanwhile: the tested commit is deployed all the same.
    const later = await site.repository.commit('later');
    await site.repository.git('push', '--quiet', 'origin', 'HEAD');
    const { code, said } = await runRecipe(file, VARIABLES[file]?.(sha) ?? {});
    expect(said).toContain(`Deployed ${sha.slice(0, 10)}`);
    expect(code).toBe(0);
    expect(await site.page('live')).toMatchObject({ status: 200, commit: sha, body: file });
    expect((await site.why(later)).environments.map(({ state }) => state)).not.toContain('live');
  });
});

it('fails the job with the reason when the deployment fails', async () => {
  const sha = await site.push('broken', { Procfile: 'web: python3 -c "raise SystemExit(7)"\n' });
  const variables = VARIABLES['gitlab-ci.yml']?.(sha) ?? {};
  const { code, said } = await runRecipe('gitlab-ci.yml', variables);
  expect(code).toBe(1);
  expect(said).toMatch(/The deployment failed\. .*(exit|ended|start)/i);
  expect((await site.page('live')).status).toBe(200);
});

it('leaves pull requests and other branches alone, without failing their jobs', async () => {
  const live = (await site.page('live')).commit;
  const pull = await runRecipe('github-actions.yml', {
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_REF: 'refs/pull/12/merge',
    GITHUB_SHA: 'c'.repeat(40),
  });
  expect(pull).toMatchObject({ code: 0 });
  expect(pull.said).toContain('pull request 12');

  await site.repository.branch('feature');
  const sha = await site.push('feature', webApplication('feature'));
  const branch = await runRecipe('circleci.yml', { CIRCLE_BRANCH: 'feature', CIRCLE_SHA1: sha });
  expect(branch).toMatchObject({ code: 0 });
  expect(branch.said).toContain('not on');
  expect((await site.page('live')).commit).toBe(live);
});

it('says who may not, and that nobody answers', async () => {
  const sha = await site.repository.sha();
  const variables = VARIABLES['woodpecker.yml']?.(sha) ?? {};
  const refused = await runRecipe('woodpecker.yml', { ...variables });
  expect(refused.code).toBe(0);
  const stranger = await run(
    'node',
    ['sluice.mjs', 'app', 'deploy', 'live', '--remote-id', 'shop'],
    {
      cwd: workspace,
      environment: {
        ...variables,
        HOME: workspace,
        SLUICE_URL: place.installation.url(),
        SLUICE_TOKEN: 'slc_nobody',
      },
    },
  );
  expect(stranger.code).toBe(4);
  expect(stranger.stderr).not.toContain('slc_nobody');
});
