/**
 * What a job asks of its machine: names and values that the machine must all have. `os` and `arch` come from the keys of
 * `.travis.yml` (spec/travis.md 2), the rest from its key `runner`.
 */
export type Needs = Readonly<Record<string, string>>;

const DEFAULT_OS = 'linux';

/** Names of `arch` and `os` that mean a machine of another name. */
const MACHINES: Readonly<Record<string, Needs>> = {
  'linux-ppc64le': { os: 'linux', arch: 'ppc64le' },
  'arm64-graviton2': { arch: 'arm64' },
};

/** Pure: the needs of a job's configuration. */
export function needsOf(config: Readonly<Record<string, unknown>>): Needs {
  const { os, arch, runner } = config;
  const needs: Record<string, string> = { os: DEFAULT_OS };
  if (typeof os === 'string') Object.assign(needs, MACHINES[os] ?? { os });
  if (typeof arch === 'string') Object.assign(needs, MACHINES[arch] ?? { arch });
  if (typeof runner === 'object' && runner !== null) {
    for (const [name, value] of Object.entries(runner)) {
      if (typeof value === 'string' && !(name in needs)) needs[name] = value;
    }
  }
  return needs;
}

/** `arch=arm64,gpu=true,os=linux`: equal needs have equal texts. Neither names nor values hold a comma after `encode`. */
export function needsText(needs: Needs): string {
  return Object.entries(needs)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort()
    .join(',');
}

/** The reverse; null and the empty text are rows of before there were other machines. */
export function readNeeds(text: string | null): Needs {
  if (text === null || text === '') return { os: DEFAULT_OS };
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [name = '', value = ''] = pair.split('=');
      return [decodeURIComponent(name), decodeURIComponent(value)];
    }),
  );
}
