import { arch } from 'node:os';
import type { JobPayload } from '@sluice/contract';
import { languageOf, text } from './config.ts';
import { languageRules, versionAsked } from './languages/index.ts';

const LONGEST_MESSAGE_BYTES = 32_768;

const CONSTANT: Record<string, string> = {
  CI: 'true',
  TRAVIS: 'true',
  CONTINUOUS_INTEGRATION: 'true',
  HAS_JOSH_K_SEAL_OF_APPROVAL: 'true',
  DEBIAN_FRONTEND: 'noninteractive',
  PAGER: 'cat',
  TZ: 'UTC',
  RAILS_ENV: 'test',
  RACK_ENV: 'test',
  MERB_ENV: 'test',
  TERM: 'xterm',
  TRAVIS_OS_NAME: 'linux',
  TRAVIS_INIT: 'systemd',
  TRAVIS_SUDO: 'false',
  TRAVIS_ROOT: '/',
  TRAVIS_OSX_IMAGE: '',
  GIT_ASKPASS: 'echo',
  GIT_TERMINAL_PROMPT: '0',
};

/** Version keys whose variable does not depend on the job's language (spec/travis.md 11). */
const VERSION_VARIABLES: Record<string, string> = {
  TRAVIS_PYTHON_VERSION: 'python',
  TRAVIS_NODE_VERSION: 'node_js',
  TRAVIS_RUBY_VERSION: 'rvm',
  TRAVIS_GO_VERSION: 'go',
  TRAVIS_JDK_VERSION: 'jdk',
  TRAVIS_PHP_VERSION: 'php',
  TRAVIS_RUST_VERSION: 'rust',
  TRAVIS_PERL_VERSION: 'perl',
  TRAVIS_SCALA_VERSION: 'scala',
  TRAVIS_JULIA_VERSION: 'julia',
  TRAVIS_R_VERSION: 'r',
  TRAVIS_DART_VERSION: 'dart',
  TRAVIS_HAXE_VERSION: 'haxe',
  TRAVIS_OTP_RELEASE: 'otp_release',
};

const ARCHITECTURES: Record<string, string> = { x64: 'amd64', ia32: 'i386', ppc64: 'ppc64le' };

/** This machine's processor by Travis's name. */
export function machineArchitecture(): string {
  return ARCHITECTURES[arch()] ?? arch();
}

/** The variables that every job has (spec/travis.md 11), in the order in which they are exported. */
export function builtinVariables(
  payload: JobPayload,
  place: { home: string; buildDir: string; user: string; locale: string; dist: string },
): [name: string, value: string][] {
  const { build, repository, config, urls } = payload;
  const pull = build.pullRequest;
  const machine = machineArchitecture();
  const rules = languageRules(config);
  const variables: Record<string, string> = {
    ...CONSTANT,
    LANG: place.locale,
    LC_ALL: place.locale,
    HOME: place.home,
    USER: place.user,
    LOGNAME: place.user,
    SHELL: '/bin/bash',
    TRAVIS_HOME: place.home,
    TRAVIS_BUILD_DIR: place.buildDir,
    TRAVIS_APP_HOST: hostOf(urls.server),
    TRAVIS_ALLOW_FAILURE: String(payload.allowFailure),
    TRAVIS_BRANCH: build.tag ?? build.branch,
    TRAVIS_BUILD_ID: String(build.id),
    TRAVIS_BUILD_NUMBER: String(build.number),
    TRAVIS_BUILD_WEB_URL: urls.build,
    TRAVIS_BUILD_STAGE_NAME: payload.stage ?? '',
    TRAVIS_COMMIT: build.sha,
    TRAVIS_COMMIT_MESSAGE: atMost(build.message, LONGEST_MESSAGE_BYTES),
    TRAVIS_COMMIT_RANGE: build.commitRange,
    TRAVIS_CPU_ARCH: machine,
    TRAVIS_ARCH: machine,
    TRAVIS_DIST: place.dist,
    TRAVIS_EVENT_TYPE: build.event,
    TRAVIS_JOB_ID: String(payload.jobId),
    TRAVIS_JOB_NUMBER: payload.number,
    TRAVIS_JOB_NAME: payload.name ?? '',
    TRAVIS_JOB_WEB_URL: urls.job,
    TRAVIS_LANGUAGE: languageOf(config),
    TRAVIS_COMPILER: text(config['compiler']) ?? '',
    TRAVIS_PULL_REQUEST: pull ? String(pull.number) : 'false',
    TRAVIS_PULL_REQUEST_BRANCH: pull?.branch ?? '',
    TRAVIS_PULL_REQUEST_SHA: pull?.sha ?? '',
    TRAVIS_PULL_REQUEST_SLUG: pull?.slug ?? '',
    TRAVIS_PULL_REQUEST_IS_DRAFT: pull ? String(pull.draft) : '',
    TRAVIS_REPO_SLUG: repository.slug,
    TRAVIS_REPO_PRIVATE: String(repository.private),
    TRAVIS_SECURE_ENV_VARS: String(payload.env.some((group) => group.vars.some((v) => v.secret))),
    TRAVIS_TAG: build.tag ?? '',
    TRAVIS_JOB_RESTARTED: String(payload.restartedBy !== null),
    TRAVIS_JOB_RESTARTED_BY: payload.restartedBy ?? '',
    DIVIO_ZONE: urls.server,
    SLUICE_URL: urls.server,
  };
  for (const [name, key] of Object.entries(VERSION_VARIABLES)) {
    const version = text(config[key]);
    if (version !== null) variables[name] = version;
  }
  const asked = versionAsked(config, rules) ?? rules.defaultVersion;
  if (rules.versionVariable !== null && asked !== null) variables[rules.versionVariable] ??= asked;
  const compiler = text(config['compiler']);
  if (compiler !== null) Object.assign(variables, compilerVariables(compiler));
  return Object.entries(variables);
}

function compilerVariables(compiler: string): Record<string, string> {
  if (/^g(cc|\+\+)/.test(compiler)) {
    return { CC: compiler.replace('g++', 'gcc'), CXX: compiler.replace('gcc', 'g++') };
  }
  if (compiler.startsWith('clang')) {
    const version = compiler.replace(/^clang(\+\+)?/, '');
    return { CC: `clang${version}`, CXX: `clang++${version}` };
  }
  return { CC: compiler };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** Cut at a character, not inside one. */
function atMost(value: string, bytes: number): string {
  const buffer = Buffer.from(value);
  if (buffer.length <= bytes) return value;
  return buffer
    .subarray(0, bytes)
    .toString('utf8')
    .replace(/\ufffd+$/, '');
}
