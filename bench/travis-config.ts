/**
 * Parsing and expanding .travis.yml: files per second, for a typical file and for a matrix of 200 jobs.
 *
 * The reference in the same run is the `yaml` package alone, parsing the same text to plain values: what
 * anyone would have to pay before knowing anything about Travis.
 *
 *   node bench/travis-config.ts [seconds per measurement, default 2]
 */
import { parse as parseYaml } from 'yaml';
import { expand, parse } from '../packages/travis-config/src/index.ts';

const typical = `language: python
dist: jammy
python:
  - "3.9"
  - 3.10
  - 3.11
env:
  global:
    - PIP_DISABLE_PIP_VERSION_CHECK=1
    - secure: "aGVsbG8gd29ybGQ="
  jobs:
    - DB=postgresql
    - DB=mysql
services:
  - postgresql
  - mysql
cache: pip
branches:
  only: [main, /^release\\/.*$/]
install:
  - pip install -r requirements.txt
before_script:
  - ./script/create-database $DB
script:
  - pytest --db $DB --cov
jobs:
  fast_finish: true
  include:
    - stage: deploy
      if: branch = main AND type = push
      python: 3.11
      script: skip
      deploy:
        provider: sluice
        app: shop
        environment: live
  allow_failures:
    - python: 3.11
after_success: codecov
notifications:
  email: false
`;

const matrix = `language: ruby
rvm: [${Array.from({ length: 10 }, (_, n) => `2.${n}`).join(', ')}]
gemfile: [${Array.from({ length: 5 }, (_, n) => `gemfiles/${n}.gemfile`).join(', ')}]
env: [A=1 B="x y", A=2 B="x y", A=3, A=4]
services: [postgresql, redis-server]
cache: bundler
script: [bundle exec rake db:setup, bundle exec rspec]
`;

const seconds = Number(process.argv[2] ?? 2);
const data = { type: 'push', branch: 'main', repo: 'owner/name', commit_message: 'Fix it' };

/** Runs for the given time after a warm-up and answers runs per second. */
function perSecond(run: () => unknown): number {
  for (const end = performance.now() + 300; performance.now() < end; ) run();
  let runs = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  while (performance.now() < end) {
    run();
    runs++;
  }
  return (runs * 1000) / (performance.now() - start);
}

function planned(text: string): number {
  const { config, positions } = parse(text);
  return expand(config, data, { positions }).jobs.length;
}

for (const [name, text] of [
  ['typical file', typical],
  ['200-job matrix', matrix],
] as const) {
  const reference = perSecond(() => parseYaml(text));
  const parsed = perSecond(() => parse(text));
  const both = perSecond(() => planned(text));
  const share = ((100 * both) / reference).toFixed(0);
  console.log(
    `${name} (${text.length} bytes, ${planned(text)} jobs): parse ${parsed.toFixed(0)}/s, ` +
      `parse and expand ${both.toFixed(0)}/s; yaml alone ${reference.toFixed(0)}/s (${share} %)`,
  );
}
