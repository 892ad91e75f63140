import type { Proposal } from '@sluice/contract';
import { createProject } from '../project.ts';
import { propose } from '../propose.ts';
import type { ProposalFacts } from '../proposed-travis.ts';

export type Files = Readonly<Record<string, string>>;

export const FACTS: ProposalFacts = {
  ...{ branch: 'main', head: 'a'.repeat(40), websiteId: 7 },
  ...{ installations: null, readable: new Set<string>() },
};

export const proposalOf = (files: Files, facts: Partial<ProposalFacts> = {}): Proposal =>
  propose(createProject(Object.keys(files), new Map(Object.entries(files))), {
    ...FACTS,
    ...facts,
  });

export const fileOf = (proposal: Proposal, path: string): string | null =>
  proposal.files.find((file) => file.path === path)?.text ?? null;

/** Small projects of many kinds, each with what a person would write for it. */
export interface Case {
  readonly name: string;
  readonly files: Files;
  readonly language: string | null;
  readonly evidence: string | null;
  /** Lines that stand in the proposed `.travis.yml`. */
  readonly travis: readonly string[];
  readonly procfile: string | null;
}

const manifest = (value: object) => JSON.stringify(value, null, 2);

export const CASES: readonly Case[] = [
  {
    name: 'Flask with pytest',
    files: {
      'requirements.txt': 'flask==3.0\ngunicorn\npytest\n',
      'app.py': 'from flask import Flask\n\napp = Flask(__name__)\n',
      'tests/test_app.py': 'def test_ok():\n    pass\n',
      '.python-version': '3.12.1\n',
    },
    ...{ language: 'python', evidence: 'requirements.txt' },
    travis: ['language: python', '  - "3.12"', 'script: pytest'],
    procfile: 'web: gunicorn app:app --bind 127.0.0.1:$PORT\n',
  },
  {
    name: 'FastAPI in a package, by pyproject.toml with an extra for tests',
    files: {
      'pyproject.toml':
        '[project]\nname = "x"\nrequires-python = ">=3.10"\ndependencies = ["fastapi", "uvicorn"]\n\n[project.optional-dependencies]\ntest = ["pytest"]\n',
      'app/main.py': 'from fastapi import FastAPI\napi = FastAPI(title="x")\n',
      'tests/conftest.py': '',
    },
    ...{ language: 'python', evidence: 'pyproject.toml' },
    travis: ['  - "3.10"', 'install: pip install ".[test]"', 'script: pytest'],
    procfile: 'web: uvicorn app.main:api --host 127.0.0.1 --port $PORT\n',
  },
  {
    name: 'Django with style sheets by npm',
    files: {
      'manage.py': '',
      'requirements.txt': 'Django~=5.0\ngunicorn\n',
      'shop/wsgi.py': '',
      'shop/settings.py': "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3'}}\n",
      'package.json': manifest({ scripts: { build: 'tailwindcss' } }),
      'runtime.txt': 'python-3.11.4\n',
    },
    ...{ language: 'python', evidence: 'manage.py' },
    travis: ['  - "3.11"', 'script: python manage.py test'],
    procfile:
      'web: gunicorn shop.wsgi --bind 127.0.0.1:$PORT\nrelease: python manage.py migrate --noinput\n',
  },
  {
    name: 'Poetry',
    files: {
      'pyproject.toml':
        '[tool.poetry]\nname = "x"\n\n[tool.poetry.dependencies]\npython = "^3.9"\n\n[tool.pytest.ini_options]\n',
    },
    ...{ language: 'python', evidence: 'pyproject.toml' },
    travis: [
      '  - "3.9"',
      '  - pip install poetry',
      '  - poetry install',
      'script: poetry run pytest',
    ],
    procfile: null,
  },
  {
    name: 'Pipenv with unittest',
    files: {
      Pipfile: '[packages]\nflask = "*"\n[requires]\npython_version = "3.8"\n',
      'test_all.py': 'import unittest\n',
    },
    ...{ language: 'python', evidence: 'Pipfile' },
    travis: ['  - "3.8"', 'script: pipenv run python -m unittest test_all'],
    procfile: null,
  },
  {
    name: 'uv',
    files: { 'pyproject.toml': '[project]\nname = "x"\n', 'uv.lock': '', 'tests/test_a.py': '' },
    ...{ language: 'python', evidence: 'pyproject.toml' },
    travis: ['  - uv sync', 'script: uv run pytest'],
    procfile: null,
  },
  {
    name: 'a script with a server of its own and nothing to install',
    files: {
      'app.py':
        "import os\nif __name__ == '__main__':\n    serve(int(os.environ.get('PORT', '8000')))\n",
    },
    ...{ language: 'python', evidence: 'app.py' },
    travis: ['script: python -m compileall -q .'],
    procfile: 'web: python app.py\n',
  },
  {
    name: 'flake8 alone, as in the seed',
    files: { 'requirements.txt': 'flake8\nisort\n', 'site.py': '' },
    ...{ language: 'python', evidence: 'requirements.txt' },
    travis: ['script: flake8'],
    procfile: null,
  },
  {
    name: 'Express with a test',
    files: {
      'package.json': manifest({
        scripts: { start: 'node server.js', test: 'node --test' },
        engines: { node: '>=20 <23' },
      }),
      'package-lock.json': '{}',
      'server.js': 'app.listen(process.env.PORT)',
    },
    ...{ language: 'node_js', evidence: 'package.json' },
    travis: ['language: node_js', '  - "20"', 'script: npm test'],
    procfile: 'web: npm start\n',
  },
  {
    name: 'Node.js without scripts',
    files: {
      'package.json': manifest({ main: './server.mjs' }),
      'server.mjs': 'createServer().listen(process.env.PORT)',
      '.nvmrc': 'lts/iron\n',
    },
    ...{ language: 'node_js', evidence: 'package.json' },
    travis: ['  - lts/iron', 'script: node --check server.mjs'],
    procfile: 'web: node server.mjs\n',
  },
  {
    name: 'pages built by Vite, with pnpm',
    files: {
      'package.json': manifest({
        scripts: { dev: 'vite', build: 'vite build', lint: 'eslint .', start: 'vite' },
      }),
      'pnpm-lock.yaml': '',
      'index.html': '',
    },
    ...{ language: 'node_js', evidence: 'package.json' },
    travis: [
      'install: npx --yes pnpm install --frozen-lockfile',
      '  - npx --yes pnpm run lint',
      '  - npx --yes pnpm run build',
    ],
    procfile: null,
  },
  {
    name: 'yarn',
    files: { 'package.json': manifest({ scripts: { test: 'jest' } }), 'yarn.lock': '' },
    ...{ language: 'node_js', evidence: 'package.json' },
    travis: ['script: yarn test'],
    procfile: null,
  },
  {
    name: 'a package.json that is no JSON',
    files: { 'package.json': '{' },
    ...{ language: 'node_js', evidence: 'package.json' },
    travis: ['script: npm ls --omit=dev'],
    procfile: null,
  },
  {
    name: 'Rails',
    files: { Gemfile: "source 'x'\nruby '3.2.2'\ngem 'rails'\n", 'bin/rails': '', Rakefile: '' },
    ...{ language: 'ruby', evidence: 'Gemfile' },
    travis: ['language: ruby', 'rvm:', '  - 3.2.2', 'script: bin/rails test'],
    procfile: null,
  },
  {
    name: 'a gem with RSpec',
    files: { Gemfile: '', 'spec/a_spec.rb': '', '.ruby-version': 'ruby-3.3.0\n' },
    ...{ language: 'ruby', evidence: 'Gemfile' },
    travis: ['  - 3.3.0', 'script: bundle exec rspec'],
    procfile: null,
  },
  {
    name: 'Go',
    files: { 'go.mod': 'module x\n\ngo 1.20\n', 'main.go': '' },
    ...{ language: 'go', evidence: 'go.mod' },
    travis: ['  - 1.20.x', 'script: go test ./...'],
    procfile: null,
  },
  {
    name: 'Rust',
    files: { 'Cargo.toml': '[package]\nrust-version = "1.70"\n', 'rust-toolchain': 'stable\n' },
    ...{ language: 'rust', evidence: 'Cargo.toml' },
    travis: ['  - stable', 'script: cargo test'],
    procfile: null,
  },
  {
    name: 'PHP with PHPUnit',
    files: { 'composer.json': '{"require": {"php": "^8.1"}}', 'phpunit.xml.dist': '' },
    ...{ language: 'php', evidence: 'composer.json' },
    travis: ['  - "8.1"', 'script: vendor/bin/phpunit'],
    procfile: null,
  },
  {
    name: 'Maven',
    files: { 'pom.xml': '<maven.compiler.release>17</maven.compiler.release>', mvnw: '' },
    ...{ language: 'java', evidence: 'pom.xml' },
    travis: ['jdk:', '  - openjdk17', 'script: ./mvnw test -B'],
    procfile: null,
  },
  {
    name: 'Gradle in Kotlin',
    files: {
      'build.gradle.kts': '',
      gradlew: '',
      'system.properties': 'java.runtime.version=11\n',
    },
    ...{ language: 'java', evidence: 'build.gradle.kts' },
    travis: ['  - openjdk11', 'script: ./gradlew check'],
    procfile: null,
  },
  {
    name: 'static pages',
    files: { 'index.html': '<h1>x</h1>', 'style.css': '' },
    ...{ language: 'generic', evidence: 'index.html' },
    travis: ['language: generic', 'script: test -s index.html'],
    procfile: null,
  },
  {
    name: 'C with a Makefile',
    files: { Makefile: 'all: x\ntest: all\n\t./x\n', 'src/x.c': '' },
    ...{ language: 'c', evidence: 'Makefile' },
    travis: ['language: c', 'script: make test'],
    procfile: null,
  },
  {
    name: 'C++ with CMake',
    files: { 'CMakeLists.txt': '', 'x.cpp': '' },
    ...{ language: 'cpp', evidence: 'CMakeLists.txt' },
    travis: ['language: cpp', '  - cmake -B build'],
    procfile: null,
  },
  {
    name: 'a Heroku application in Node.js with requirements for a tool',
    files: {
      Procfile: 'web: node index.js\nworker: node worker.js\n',
      'package.json': manifest({ scripts: { test: 'mocha' } }),
      'requirements.txt': 'mkdocs\n',
      'index.js': 'x',
    },
    ...{ language: 'node_js', evidence: 'package.json' },
    travis: ['script: npm test'],
    procfile: null,
  },
  {
    name: 'an app.json alone',
    files: {
      'app.json': manifest({
        buildpacks: [{ url: 'heroku/python' }],
        env: { SECRET: { generator: 'secret' } },
        environments: {
          test: {
            env: { MODE: 'test it' },
            scripts: { test: 'pytest -q', 'test-setup': 'make db' },
          },
        },
      }),
    },
    ...{ language: 'python', evidence: 'app.json' },
    travis: ['    - MODE: test it', 'before_script: make db', 'script: pytest -q'],
    procfile: null,
  },
  {
    name: 'Docker alone',
    files: { Dockerfile: 'FROM scratch\n' },
    ...{ language: null, evidence: null, travis: [], procfile: null },
  },
  {
    name: 'a mobile project with an app.json of another kind',
    files: { 'app.json': '{"expo": {}}', 'README.md': '' },
    ...{ language: null, evidence: null, travis: [], procfile: null },
  },
  { name: 'nothing', files: {}, language: null, evidence: null, travis: [], procfile: null },
];
