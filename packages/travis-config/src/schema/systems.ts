/** Operating systems, distributions and architectures (spec 2). */
export const systems = ['linux', 'osx', 'windows', 'freebsd', 'linux-ppc64le'] as const;

export const systemAliases = {
  ubuntu: 'linux',
  mac: 'osx',
  macos: 'osx',
  macosx: 'osx',
  ios: 'osx',
  bsd: 'freebsd',
  win: 'windows',
} as const;

export const distributions = [
  'precise',
  'trusty',
  'xenial',
  'bionic',
  'focal',
  'jammy',
  'noble',
  'resolute',
  'server-2016',
  'rhel8',
  'centos7',
] as const;

export const architectures = [
  'amd64',
  'arm64',
  'arm64-graviton2',
  'ppc64le',
  'i386',
  's390x',
] as const;

export const architectureAliases = {
  x86_64: 'amd64',
  x64: 'amd64',
  power: 'ppc64le',
  ppc: 'ppc64le',
  ppc64: 'ppc64le',
  x86: 'i386',
} as const;

/** The distribution a build gets when it names none and the installation does not say otherwise. */
export const defaultDist = 'focal';
