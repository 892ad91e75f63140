import { text } from '../config.ts';
import { command, when } from '../writer.ts';
import type { Language } from './language.ts';

/** `npm ci` came with npm 5.8. */
const NPM_CI =
  '[[ ( -f package-lock.json || -f npm-shrinkwrap.json ) && $(npm --version 2>/dev/null) =~ ^([6-9]|[1-9][0-9]+|5\\.([89]|[1-9][0-9]+))(\\.|$) ]]';

export const nodeJs: Language = {
  tool: 'node',
  versionKeys: ['node_js'],
  defaultVersion: 'lts/*',
  versionFile: '.nvmrc',
  versionVariable: 'TRAVIS_NODE_VERSION',
  announce: ['node --version', 'npm --version'],
  install(config) {
    const extra = text(config['npm_args']);
    const withArguments = (base: string) =>
      command(extra ? `${base} ${extra}` : base, { retry: true });
    return [
      when('[[ -f package.json ]]', [
        when(
          '[[ -f yarn.lock ]]',
          [command('yarn --frozen-lockfile', { retry: true })],
          [when(NPM_CI, [withArguments('npm ci')], [withArguments('npm install')])],
        ),
      ]),
    ];
  },
  script: () => [
    when(
      '[[ -f package.json ]]',
      [when('[[ -f yarn.lock ]]', [command('yarn test')], [command('npm test')])],
      [command('make test')],
    ),
  ],
};
