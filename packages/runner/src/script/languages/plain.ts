import { command, notice, when } from '../writer.ts';
import type { Language } from './language.ts';

const CONFIGURE = './configure && make && make test';

const nothing: Language = {
  tool: null,
  versionKeys: [],
  defaultVersion: null,
  versionFile: null,
  versionVariable: null,
  announce: [],
  install: () => [],
  script: () => [],
};

export const generic: Language = {
  ...nothing,
  script: () => [notice('There is no `script`: nothing is tested, and the job passes.')],
};

export const c: Language = {
  ...nothing,
  announce: [`$\{CC:-gcc} --version`],
  script: () => [command(CONFIGURE)],
};

export const cpp: Language = {
  ...nothing,
  announce: [`$\{CXX:-g++} --version`],
  script: () => [command(CONFIGURE)],
};

export const rust: Language = {
  ...nothing,
  tool: 'rust',
  versionKeys: ['rust'],
  defaultVersion: 'stable',
  versionVariable: 'TRAVIS_RUST_VERSION',
  announce: ['rustc --version', 'cargo --version'],
  script: () => [command('cargo build --verbose'), command('cargo test --verbose')],
};

const COMPOSER_BIN = 'composer config bin-dir 2>/dev/null';

/** The project's own phpunit: where composer puts programs, which a project may have moved. */
export const php: Language = {
  ...nothing,
  tool: 'php',
  versionKeys: ['php', 'hhvm'],
  versionVariable: 'TRAVIS_PHP_VERSION',
  announce: ['php --version', 'composer --version'],
  script: () => [
    when(
      `[[ -n $\{COMPOSER_BIN_DIR:-} && -x $COMPOSER_BIN_DIR/phpunit ]]`,
      [command('$COMPOSER_BIN_DIR/phpunit')],
      [
        when(
          `[[ -f composer.json && -x $(${COMPOSER_BIN})/phpunit ]]`,
          [command(`$(${COMPOSER_BIN})/phpunit`)],
          [
            when(
              '[[ -x vendor/bin/phpunit ]]',
              [command('vendor/bin/phpunit')],
              [command('phpunit')],
            ),
          ],
        ),
      ],
    ),
  ],
};
