import type { RunnerLabels } from '@sluice/contract';

const SYSTEMS: Readonly<Record<string, string>> = { darwin: 'osx', win32: 'windows' };
const PROCESSORS: Readonly<Record<string, string>> = {
  ...{ x64: 'amd64', ia32: 'i386', ppc64: 'ppc64le' },
};

/** This machine in the words of `.travis.yml` (spec/travis.md 2). */
export const thisSystem = (): { os: string; arch: string } => ({
  os: SYSTEMS[process.platform] ?? process.platform,
  arch: PROCESSORS[process.arch] ?? process.arch,
});

/** `NAME=value` or `NAME`, which is `NAME=true`. Throws for a name that is none. */
export function readLabels(texts: readonly string[]): RunnerLabels {
  const labels: RunnerLabels = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    const name = at < 0 ? text : text.slice(0, at);
    const value = at < 0 ? 'true' : text.slice(at + 1);
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/.test(name) || !/^[\w.:/+-]{0,100}$/.test(value)) {
      throw new Error(`"${text}" is no label. Use NAME=value of letters, digits and . _ - only.`);
    }
    if (name === 'os' || name === 'arch') {
      throw new Error(`The label ${name} is that of the machine itself and cannot be set.`);
    }
    labels[name] = value;
  }
  return labels;
}
