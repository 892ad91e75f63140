import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { createTlsFront, lacks } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlace, type Place, type Site } from '../support/site.ts';

/** The example as it stands, and the file that this project starts from: `pip install divio-cli` in `after_success`. */
let place: Place;
beforeAll(async () => {
  place = await createPlace();
});
afterAll(() => place?.destroy());

const example = resolve(import.meta.dirname, '../../examples/flake8-site');

async function siteWith(name: string, change: (travis: string, id: number) => string) {
  const site = await place.createApplication(name);
  const { path } = site.repository;
  await cp(example, path, { recursive: true });
  const file = join(path, '.travis.yml');
  await writeFile(file, change(await readFile(file, 'utf8'), site.application.id));
  const added = await site.sluice('encrypt', `TOKEN=${place.machineToken}`, '--add');
  expect(added.code).toBe(0);
  await site.repository.git('add', '--all');
  const sha = await site.push('say hello', {});
  return { site, sha };
}

async function logOf(site: Site, sha: string): Promise<string> {
  const { stdout, stderr } = await site.sluice('build', 'log', '--follow', '--commit', sha);
  return stdout + stderr;
}

it('the example: Python 3.5 becomes the nearest there is, which the log says first', async () => {
  const { site, sha } = await siteWith('example', (travis, id) =>
    travis.replace('--remote-id 1', `--remote-id ${id}`),
  );
  await site.until(sha, 'test', (state) => state === 'live', 400_000);
  const log = await logOf(site, sha);
  expect(log).toMatch(/3\.5.*(3\.\d+)/);
  const shown = await site.sluice('build', 'show', '--commit', sha);
  expect(shown.stdout).toContain('3.5');
  expect((await site.page('test')).commit).toBe(sha);
});

it('strict_toolchains: a version that is not there errors the job', async () => {
  const site = await place.createApplication('strict');
  const client = place.client();
  const { results } = await client.applications.list({ slug: 'strict' });
  await client.repositories.update(results[0]?.repository_uuid ?? '', { strict_toolchains: true });
  const sha = await site.push('strict', {
    '.travis.yml': 'language: python\npython: 3.5\nscript: "true"\n',
  });
  const log = await logOf(site, sha);
  expect((await site.why(sha)).build?.state).toBe('errored');
  expect(log).toContain('3.5');
});

it.skipIf(
  lacks(
    'Python 3.6 from pyenv',
    pyenvVersions().some((version) => version.startsWith('3.6')),
  ),
)('Python 3.6, pip install divio-cli: the client of generation 3, over plain HTTP', async () => {
  const { site, sha } = await siteWith('generation-three', (_, id) =>
    [
      'language: python',
      'python:',
      '  - 3.6',
      'sudo: false',
      'install: pip install isort flake8',
      'script: flake8 --max-line-length=200',
      'env:',
      '  jobs: SLUICE_DIVIO_SHIM=0',
      'after_success:',
      '  - pip install divio-cli',
      '  - which divio',
      '  - divio login $TOKEN',
      `  - divio app deploy --remote-id ${id}`,
      '',
    ].join('\n'),
  );
  await site.until(sha, 'test', (state) => state === 'live', 400_000);
  const log = await logOf(site, sha);
  expect(log).toMatch(/virtualenv.*\/bin\/divio/);
  expect(log).not.toContain(place.machineToken);
});

it('Python 3.11, pip install divio-cli: the client of generation 4, through TLS', async () => {
  const directory = join(place.installation.home, 'job-front');
  await mkdir(directory, { recursive: true });
  const front = await createTlsFront('sluice.example', place.installation.url(), directory);
  try {
    const { site, sha } = await siteWith('generation-four', (_, id) =>
      [
        'language: python',
        'python: 3.11',
        'install: pip install isort flake8',
        'script: flake8 --max-line-length=200',
        'env:',
        '  jobs: SLUICE_DIVIO_SHIM=0 DIVIO_ZONE=sluice.example',
        'after_success:',
        '  - pip install divio-cli',
        '  - cat front.pem >> $(python -c "import certifi; print(certifi.where())")',
        `  - export HTTPS_PROXY=${front.proxyUrl}`,
        '  - divio login $TOKEN',
        `  - divio app deploy --remote-id ${id}`,
        '',
      ].join('\n'),
    );
    await writeFile(join(site.repository.path, 'front.pem'), front.authority);
    const withAuthority = await site.push('trust the front', { 'front.pem': front.authority });
    await site.until(withAuthority, 'test', (state) => state === 'live', 400_000);
    expect(await logOf(site, withAuthority)).toContain('Logged in as');
    expect(sha).not.toBe(withAuthority);
  } finally {
    await front.close();
  }
});

function pyenvVersions(): string[] {
  const folder = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  return existsSync(folder) ? readdirSync(folder) : [];
}
