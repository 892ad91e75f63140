import { text } from '../config.ts';
import { command, notice, when } from '../writer.ts';
import type { Language } from './language.ts';

const MAKEFILE = '[[ -f GNUmakefile || -f makefile || -f Makefile || -f BSDmakefile ]]';

export const go: Language = {
  tool: 'go',
  versionKeys: ['go'],
  defaultVersion: null,
  versionFile: null,
  versionVariable: 'TRAVIS_GO_VERSION',
  announce: ['go version'],
  install(config) {
    const args = text(config['gobuild_args']) ?? '-v';
    return [
      when(
        MAKEFILE,
        [notice('There is a makefile: it is left to it to fetch dependencies.')],
        [command(`go get -t ${args} ./...`.replace('-t -v', '-v -t'), { retry: true })],
      ),
    ];
  },
  script(config) {
    const args = text(config['gobuild_args']) ?? '-v';
    return [when(MAKEFILE, [command('make')], [command(`go test ${args} ./...`)])];
  },
};
