import type { Machine } from './matching.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: 'i386',
  ppc64: 'ppc64le',
};

/** The machine of the server, on which the embedded runner works. */
export function embeddedMachine(name: string, isolates: boolean): Machine {
  return {
    ...{ name, isolates, labels: {}, organisationUuid: null, embedded: true },
    // Whatever it is called here: builds ask for linux unless they say otherwise, and it has always run those.
    os: 'linux',
    arch: ARCHITECTURES[process.arch] ?? process.arch,
  };
}
