import { describe, expect, test } from 'vitest';
import { parse } from '../parse.ts';

/** The configuration without defaults, and the messages as `level key code`. */
function normal(text: string) {
  const { config, messages } = parse(text, { defaults: false });
  return { config, codes: messages.map(({ level, key, code }) => `${level} ${key} ${code}`) };
}

type Row = [text: string, config: unknown, ...codes: string[]];

function rows(table: Row[]) {
  test.each(table.map(([text, config, ...codes]) => ({ text, config, codes })))(
    '$text',
    ({ text, config, codes }) => {
      const found = normal(text);
      expect(found.config).toEqual(config);
      expect(found.codes).toEqual(codes);
    },
  );
}

describe('spec 7: deploy', () => {
  rows([
    ['deploy: heroku', { deploy: [{ provider: 'heroku' }] }],
    [
      'deploy: {provider: script, script: "./d --now"}',
      { deploy: [{ provider: 'script', script: './d --now' }] },
    ],
    [
      'deploy: [{provider: s3, bucket: b}, {provider: npm, api_key: {secure: s}}]',
      {
        deploy: [
          { provider: 's3', bucket: 'b' },
          { provider: 'npm', api_key: { secure: 's' } },
        ],
      },
    ],
    [
      'deploy: {provider: script, script: {main: ./a, dev: ./b}}',
      { deploy: [{ provider: 'script', script: { main: './a', dev: './b' } }] },
    ],
    ['deploy: {provider: GitHub-Pages}', { deploy: [{ provider: 'githubpages' }] }],
    ['deploy: {provider: Elastic_Beanstalk}', { deploy: [{ provider: 'elasticbeanstalk' }] }],
    [
      'deploy: {provider: heruko}',
      { deploy: [{ provider: 'heroku' }] },
      'warn deploy.provider find_value',
    ],
    ['deploy: {provider: rocketship}', {}, 'error deploy.provider unknown_value'],
    [
      'deploy: [{strategy: git}, {provider: npm}]',
      { deploy: [{ provider: 'npm' }] },
      'error deploy required',
    ],
    ['deploy: true', {}, 'error deploy invalid_type'],
    ['deploy: false', {}],
    ['deploy:', {}],
    [
      'deploy: {provider: npm, api_key: plain}',
      { deploy: [{ provider: 'npm', api_key: 'plain' }] },
      'alert deploy.api_key secure',
    ],
    ['deploy: {provider: npm, api_key: $KEY}', { deploy: [{ provider: 'npm', api_key: '$KEY' }] }],
    [
      'deploy: {provider: npm, on: master}',
      { deploy: [{ provider: 'npm', on: { branch: ['master'] } }] },
    ],
    [
      'deploy: {provider: npm, on: [a, b]}',
      { deploy: [{ provider: 'npm', on: { branch: ['a', 'b'] } }] },
    ],
    [
      'deploy: {provider: npm, true: {repo: a/b}}',
      { deploy: [{ provider: 'npm', on: { repo: 'a/b' } }] },
      'info deploy alias_key',
    ],
    [
      'deploy: {provider: npm, if: {tags: yes}}',
      { deploy: [{ provider: 'npm', on: { tags: true } }] },
      'info deploy alias_key',
    ],
    [
      'deploy: {provider: npm, on: {branch: a, tags: false, all_branches: true, condition: x, os: linux, python: 3.10, node: 8}}',
      {
        deploy: [
          {
            provider: 'npm',
            on: {
              branch: ['a'],
              tags: false,
              all_branches: true,
              condition: ['x'],
              os: 'linux',
              python: '3.10',
              node: '8',
            },
          },
        ],
      },
    ],
    [
      'deploy: {provider: npm, on: {ruby: 2.3}}',
      { deploy: [{ provider: 'npm', on: { rvm: '2.3' } }] },
      'info deploy.on alias_key',
    ],
    [
      'deploy: {provider: npm, on: {branch: {a: x, b: y}}}',
      { deploy: [{ provider: 'npm', on: { branch: ['a', 'b'] } }] },
    ],
    [
      'deploy: {provider: npm, app: {master: p, dev: s}}',
      { deploy: [{ provider: 'npm', app: { master: 'p', dev: 's' } }] },
    ],
    [
      'deploy: {provider: npm, skip_cleanup: true, allow_failure: yes, run: x}',
      { deploy: [{ provider: 'npm', skip_cleanup: true, allow_failure: true, run: ['x'] }] },
      'warn deploy deprecated_key',
    ],
    [
      'deploy: {provider: sluice, app: shop, environment: live, wait: true}',
      { deploy: [{ provider: 'sluice', app: 'shop', environment: 'live', wait: true }] },
    ],
  ]);
});

describe('spec 8: cache, addons', () => {
  const types = [
    'apt',
    'bundler',
    'cargo',
    'ccache',
    'cocoapods',
    'npm',
    'packages',
    'pip',
    'yarn',
  ];
  rows([
    ['cache: pip', { cache: { pip: true } }],
    ['cache: false', { cache: false }],
    ['cache: true', { cache: Object.fromEntries(types.map((type) => [type, true])) }],
    ['cache: [pip, npm]', { cache: { pip: true, npm: true } }],
    ['cache: node_modules', { cache: { directories: ['node_modules'] } }],
    ['cache: [pip, $HOME/.x]', { cache: { pip: true, directories: ['$HOME/.x'] } }],
    [
      'cache: [{pip: true}, {directories: a}, b]',
      { cache: { pip: true, directories: ['a', 'b'] } },
    ],
    [
      'cache: {directories: [a, b], timeout: 1000, bundler: true}',
      { cache: { directories: ['a', 'b'], timeout: 1000, bundler: true } },
    ],
    ['cache: {directory: a}', { cache: { directories: ['a'] } }, 'info cache alias_key'],
    ['cache: {unknown: true, pip: true}', { cache: { pip: true } }, 'warn cache unknown_key'],
    ['cache:', {}],
    ['addons: {apt: pkg}', { addons: { apt: { packages: ['pkg'] } } }],
    ['addons: {apt: [a, b]}', { addons: { apt: { packages: ['a', 'b'] } } }],
    [
      'addons: {apt: {packages: a, sources: [s, {sourceline: l, key_url: u}], update: true, config: {retries: true}}}',
      {
        addons: {
          apt: {
            packages: ['a'],
            sources: ['s', { sourceline: 'l', key_url: 'u' }],
            update: true,
            config: { retries: true },
          },
        },
      },
    ],
    ['addons: {apt_packages: [a]}', { addons: { apt_packages: ['a'] } }],
    [
      'addons: {hosts: a.test, hostname: b, ssh_known_hosts: c}',
      { addons: { hosts: ['a.test'], hostname: 'b', ssh_known_hosts: ['c'] } },
    ],
    [
      'addons: {postgresql: 9.6, chrome: stable}',
      { addons: { postgresql: '9.6', chrome: 'stable' } },
    ],
    [
      'addons: {sonarcloud: {organization: o, token: {secure: s}}}',
      { addons: { sonarcloud: { organization: 'o', token: { secure: 's' } } } },
    ],
    [
      'addons: {sonarcloud: {token: plain}}',
      { addons: { sonarcloud: { token: 'plain' } } },
      'alert addons.sonarcloud.token secure',
    ],
    ['addons: {unknown: 1}', {}, 'warn addons unknown_key'],
  ]);
});

describe('spec 9: notifications', () => {
  rows([
    ['notifications: false', { notifications: { email: [{ enabled: false }] } }],
    ['notifications: {email: false}', { notifications: { email: [{ enabled: false }] } }],
    ['notifications: {email: a@b.c}', { notifications: { email: [{ recipients: ['a@b.c'] }] } }],
    ['notifications: {email: [a, b]}', { notifications: { email: [{ recipients: ['a', 'b'] }] } }],
    [
      'notifications: {email: {disabled: true}}',
      { notifications: { email: [{ enabled: false }] } },
    ],
    ['notifications: {recipients: a}', { notifications: { email: [{ recipients: ['a'] }] } }],
    [
      'notifications: {slack: {secure: s}}',
      { notifications: { slack: [{ rooms: [{ secure: 's' }] }] } },
    ],
    [
      'notifications: {flowdock: {secure: s}}',
      { notifications: { flowdock: [{ api_token: { secure: 's' } }] } },
    ],
    ['stages: {secure: s}', {}, 'error stages invalid_type'],
    [
      'notifications: {slack: [{rooms: a}, {rooms: b, if: branch = x}]}',
      { notifications: { slack: [{ rooms: ['a'] }, { rooms: ['b'], if: 'branch = x' }] } },
    ],
    [
      'notifications: {webhook: u, on_success: never}',
      { notifications: { webhooks: [{ on_success: 'never', urls: ['u'] }] } },
      'info notifications alias_key',
    ],
    [
      'notifications: {irc: c, email: {on_success: change}, on_success: always}',
      {
        notifications: {
          irc: [{ on_success: 'always', channels: ['c'] }],
          email: [{ on_success: 'change' }],
        },
      },
    ],
    [
      'notifications: {email: {on_failure: true, on_success: changed}}',
      { notifications: { email: [{ on_failure: 'always', on_success: 'change' }] } },
      'info notifications.email.on_failure alias_value',
      'info notifications.email.on_success alias_value',
    ],
    [
      'notifications: {slack: {rooms: a, template: "%{branch} %{nope}"}}',
      { notifications: { slack: [{ rooms: ['a'], template: ['%{branch} %{nope}'] }] } },
      'warn notifications.slack.template unknown_var',
    ],
    [
      'notifications: {slack: {rooms: a, on_pull_requests: no}}',
      { notifications: { slack: [{ rooms: ['a'], on_pull_requests: false }] } },
    ],
    [
      'notifications: {email: {if: "= x"}}',
      { notifications: { email: [{ if: '= x' }] } },
      'error notifications.email.if invalid_condition',
    ],
    ['notifications: {pigeon: x}', {}, 'warn notifications unknown_key'],
    ['notifications: [{email: false}]', { notifications: { email: [{ enabled: false }] } }],
  ]);
});

describe('an encrypted value is no map', () => {
  rows([
    ['vm: {secure: s}', {}, 'error vm invalid_type'],
    ['vm: [{secure: s}]', {}, 'error vm invalid_type'],
    ['vm: {_private: 1, secure: s}', {}, 'error vm invalid_type'],
    [
      'notifications: {slack: {_private: 1, secure: s}}',
      {},
      'error notifications.slack invalid_type',
    ],
  ]);
});

describe('spec 10: import', () => {
  rows([
    ['import: a.yml', { import: [{ source: 'a.yml' }] }],
    [
      'import: [a.yml, {source: o/r:b.yml@v1, mode: merge, if: branch = x}]',
      {
        import: [{ source: 'a.yml' }, { source: 'o/r:b.yml@v1', mode: 'merge', if: 'branch = x' }],
      },
    ],
    ['import: [{mode: merge}]', {}, 'error import required'],
  ]);
});
