import { command, notice, when } from '../writer.ts';
import type { Language } from './language.ts';

const NO_SCRIPT =
  'No `script` is given, and Python has no default one: please set `script` in .travis.yml.';

export const python: Language = {
  tool: 'python',
  versionKeys: ['python'],
  defaultVersion: '3.10',
  versionFile: null,
  versionVariable: 'TRAVIS_PYTHON_VERSION',
  announce: ['python --version', 'pip --version'],
  install: () => [
    when(
      '[[ -f Requirements.txt ]]',
      [command('pip install -r Requirements.txt', { retry: true })],
      [
        when(
          '[[ -f requirements.txt ]]',
          [command('pip install -r requirements.txt', { retry: true })],
          [
            notice(
              'There is no requirements.txt: nothing to install. Set `install` to change that.',
            ),
          ],
        ),
      ],
    ),
  ],
  script: () => [{ kind: 'fail', text: NO_SCRIPT }],
};
