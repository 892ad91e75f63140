import { text } from '../config.ts';
import { command, notice, when } from '../writer.ts';
import type { Language } from './language.ts';

const GEMFILE_NAME = `$\{BUNDLE_GEMFILE:-Gemfile}`;
const GEMFILE = `[[ -f ${GEMFILE_NAME} ]]`;
const LOCKED = `[[ -f ${GEMFILE_NAME}.lock ]]`;

export const ruby: Language = {
  tool: 'ruby',
  versionKeys: ['rvm', 'ruby'],
  defaultVersion: null,
  versionFile: '.ruby-version',
  versionVariable: 'TRAVIS_RUBY_VERSION',
  announce: ['ruby --version', 'gem --version'],
  install(config) {
    const own = text(config['bundler_args']);
    const bundle = (args: string) => command(`bundle install ${args}`, { retry: true });
    return [
      when(
        GEMFILE,
        own !== null
          ? [bundle(own)]
          : [
              when(
                LOCKED,
                [bundle('--jobs=3 --retry=3 --deployment')],
                [bundle('--jobs=3 --retry=3')],
              ),
            ],
        [notice('There is no Gemfile: nothing to install.')],
      ),
    ];
  },
  script: () => [when(GEMFILE, [command('bundle exec rake')], [command('rake')])],
};
