import type { Installation } from '@sluice/runner';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { fileOf, proposalOf } from './test/projects.ts';

const TRAVIS = `language: python
dist: xenial
sudo: required
os: [linux, osx]
python:
  - "3.5"
  - "3.11"
services:
  - docker
  - redis
  - cassandra
addons:
  apt:
    packages: [libpq-dev]
  chrome: stable
env:
  global:
    - secure: "AAAA" # the token of PyPI
before_install:
  - sudo apt-get install -y libxml2
script: pytest # what we run
after_success:
  - docker build .
deploy:
  provider: heroku
  api_key:
    secure: "BBBB"
notifications:
  irc: "chat.example.com#x"
  email: false
  webhooks: https://example.com/hook
`;

const python = (version: string): Installation => ({
  ...{ tool: 'python', flavour: 'cpython', version, source: 'test' },
  ...{ bin: '/x/bin', program: '/x/bin/python' },
});

describe('an existing .travis.yml', () => {
  const proposal = proposalOf(
    { '.travis.yml': TRAVIS, 'requirements.txt': 'pytest' },
    { installations: [python('3.11.2')], readable: new Set(['AAAA']) },
  );
  const told = (subject: string) =>
    proposal.findings
      .filter((one) => one.subject === subject)
      .map(({ level, line, file }) => [level, file, line]);

  test.each([
    ['os: osx', 'missing', 4],
    ['dist: xenial', 'differs', 2],
    ['sudo', 'differs', 3],
    ['python: 3.5', 'differs', 6],
    ['services: docker', 'missing', 9],
    ['services: redis-server', 'works', 10],
    ['services: cassandra', 'missing', 11],
    ['addons: apt', 'differs', 14],
    ['addons: chrome', 'missing', 15],
    ['apt-get', 'missing', 20],
    ['docker', 'missing', 23],
    ['deploy: heroku', 'missing', 25],
    ['secure: deploy.api_key', 'missing', 27],
    ['notifications: irc', 'missing', 29],
    ['notifications: webhooks', 'works', 31],
  ])('%s: %s, on line %i', (subject, level, line) => {
    expect(told(subject)).toContainEqual([level, '.travis.yml', line]);
  });

  test('says nothing of what is here, nor of values that the key opens', () => {
    for (const subject of [
      'python: 3.11',
      'os: linux',
      'secure: env.global',
      'notifications: email',
    ]) {
      expect(told(subject), subject).toEqual([]);
    }
  });

  test('learns to deploy here, in place of what is not here, and keeps the rest to the letter', () => {
    const text = fileOf(proposal, '.travis.yml') ?? '';
    expect(text).toContain('script: pytest # what we run\n');
    expect(text).toContain('- secure: "AAAA" # the token of PyPI');
    expect(parse(text).deploy).toEqual({ provider: 'sluice', environment: 'test' });
    expect(proposal.files[0]).toMatchObject({
      exists: true,
      reason: expect.stringContaining('takes the place of heroku'),
    });
    expect(proposal.messages.length).toBeGreaterThan(0);
  });

  test('of a file that deploys here already nothing is to be changed', () => {
    for (const deploy of [
      'deploy: {provider: sluice}',
      'after_success: divio app deploy --remote-id 7',
      'after_success:\n  - sluice login $TOKEN\n  - sluice app deploy live',
    ]) {
      expect(proposalOf({ '.travis.yml': `script: make\n${deploy}\n` }).files).toEqual([]);
    }
  });

  test('of one that deploys here and elsewhere, elsewhere is taken out', () => {
    const seen = proposalOf({
      '.travis.yml': 'script: make\nafter_success: divio app deploy\ndeploy: {provider: heroku}\n',
    });
    expect(fileOf(seen, '.travis.yml')).toBe('script: make\nafter_success: divio app deploy\n');
  });

  test('of one whose foreign entry stands in a job nothing is changed for nothing', () => {
    const seen = proposalOf({
      '.travis.yml':
        'script: make\ndeploy: {provider: sluice}\njobs:\n  include:\n    - deploy: {provider: npm}\n',
    });
    expect(seen.files).toEqual([]);
    expect(seen.findings).toContainEqual(
      expect.objectContaining({ level: 'missing', subject: 'deploy: npm', line: 5 }),
    );
  });

  test('without an application no encrypted value is taken for readable', () => {
    const { findings } = proposalOf({ '.travis.yml': TRAVIS }, { readable: null });
    expect(findings.filter(({ subject }) => subject.startsWith('secure:'))).toHaveLength(2);
  });

  test.each([
    ['script: [', 2],
    ['- a\n', 1],
  ])('one that cannot be read says where (%j)', (text, line) => {
    const broken = proposalOf({ '.travis.yml': text });
    expect(broken.files).toEqual([]);
    expect(broken.findings).toEqual([
      expect.objectContaining({ level: 'missing', file: '.travis.yml', line: expect.any(Number) }),
    ]);
    expect(broken.findings[0]?.line).toBeLessThanOrEqual(line);
  });
});

const APP = JSON.stringify(
  {
    name: 'Shop',
    stack: 'heroku-22',
    buildpacks: [{ url: 'heroku/nodejs' }, { url: 'https://github.com/x/ffmpeg' }],
    addons: [
      'heroku-postgresql:mini',
      { plan: 'papertrail' },
      { plan: 'heroku-redis', as: 'CACHE' },
      'odd',
    ],
    env: {
      SECRET_KEY: { generator: 'secret', description: 'Signs cookies' },
      MODE: 'production',
      OPTIONAL: { required: false },
      DATABASE_URL: { value: 'x' },
    },
    formation: { web: { quantity: 2, size: 'standard-1x' } },
    scripts: { postdeploy: 'npm run seed', release: 'npm run migrate' },
    environments: { review: {}, test: { scripts: { test: 'npm run ci' } } },
  },
  null,
  1,
);

describe('an app.json of Heroku', () => {
  const proposal = proposalOf({
    'app.json': APP,
    Procfile: 'web: gunicorn x:y\nworker: node w.js\nodd line\nweb: again\n',
    'package.json': '{"scripts": {"test": "x"}}',
  });
  const levels = Object.fromEntries(
    proposal.findings.map(({ subject, level }) => [subject, level]),
  );

  test('each thing that it asks for is there, differs or is missing', () => {
    expect(levels).toMatchObject({
      'add-on heroku-postgresql:mini': 'missing',
      'add-on papertrail': 'works',
      'add-on odd': 'missing',
      'buildpack heroku/nodejs': 'works',
      'buildpack https://github.com/x/ffmpeg': 'missing',
      'formation: web': 'differs',
      'scripts.postdeploy': 'differs',
      'scripts.release': 'works',
      'stack: heroku-22': 'differs',
      'environments.review': 'missing',
      'environments.test': 'works',
      'process worker': 'works',
    });
    const place = proposal.findings.find(({ subject }) => subject === 'scripts.postdeploy');
    expect(APP.split('\n')[(place?.line ?? 0) - 1]).toContain('postdeploy');
  });

  test('its variables, those of its add-ons, and which are to be made', () => {
    expect(
      proposal.variables.map(({ name, value, required, is_generated }) => [
        ...[name, value, required, is_generated],
      ]),
    ).toEqual([
      ['SECRET_KEY', null, true, true],
      ['MODE', 'production', true, false],
      ['OPTIONAL', null, false, false],
      ['DATABASE_URL', 'x', true, false],
      ['CACHE_URL', null, true, false],
    ]);
  });

  test('the test and the release command go into the files', () => {
    expect(fileOf(proposal, '.travis.yml')).toContain('script: npm run ci\n');
    expect(fileOf(proposal, 'Procfile')).toMatch(/web: again\nrelease: npm run migrate\n$/);
  });

  test('what a deployment would refuse of the Procfile is said with its line', () => {
    const lines = proposal.findings
      .filter(({ file, level }) => file === 'Procfile' && level !== 'works')
      .map(({ line, subject }) => [line, subject]);
    expect(lines).toEqual([
      [1, 'process web'],
      [3, 'Procfile'],
      [4, 'process web'],
    ]);
  });
});
