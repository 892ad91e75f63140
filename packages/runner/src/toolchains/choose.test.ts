import { describe, expect, it } from 'vitest';
import { chooseInstallation } from './choose.ts';
import type { Installation, Tool } from './types.ts';

function have(tool: Tool, ...versions: string[]): Installation[] {
  return versions.map((version) => ({
    tool,
    flavour: version.startsWith('pypy') ? 'pypy' : tool === 'python' ? 'cpython' : tool,
    version: version.replace(/^pypy-/, ''),
    bin: `/v/${version}/bin`,
    program: `/v/${version}/bin/${tool}`,
    source: 'test',
  }));
}

const PYTHONS = have(
  'python',
  '2.7.18',
  '3.6.9',
  '3.6.15',
  '3.10.2',
  '3.11.7',
  '3.13.0rc1',
  'pypy-3.9',
);
const NODES = have('node', '16.20.2', '18.19.0', '20.11.0', '21.5.0');

function choose(tool: Tool, written: string | null, available: Installation[], strict = false) {
  const choice = chooseInstallation(tool, written, available, { strict, fallback: '3.10' });
  return choice.kind === 'missing' ? 'missing' : choice.installation.version;
}

describe('chooseInstallation', () => {
  it.each([
    // Exactly what is asked for: the newest that begins with it.
    ['3.6', '3.6.15'],
    ['3.6.9', '3.6.9'],
    ['3.10', '3.10.2'],
    ['3', '3.11.7'],
    ['2.7', '2.7.18'],
    ['pypy3', '3.9'],
    ['pypy3.9', '3.9'],
    // 3.1 is not the beginning of 3.10.
    ['3.1', '3.6.15'],
    // Another patch of the line, then the nearest newer line, then the nearest older one.
    ['3.6.3', '3.6.15'],
    ['3.5', '3.6.15'],
    ['3.7', '3.10.2'],
    ['3.12', '3.13.0rc1'],
    ['4.0', '3.13.0rc1'],
    ['nightly', '3.11.7'],
    ['3.13-dev', '3.13.0rc1'],
  ])('python %s -> %s', (written, version) => {
    expect(choose('python', written, PYTHONS)).toBe(version);
  });

  it.each([
    ['18', '18.19.0'],
    ['v20', '20.11.0'],
    ['lts/*', '20.11.0'],
    ['lts/hydrogen', '18.19.0'],
    ['node', '21.5.0'],
    ['stable', '21.5.0'],
    ['16.3', '16.20.2'],
    ['17', '18.19.0'],
    ['20.x', '20.11.0'],
    ['99', '21.5.0'],
  ])('node %s -> %s', (written, version) => {
    expect(choose('node', written, NODES)).toBe(version);
  });

  it.each([
    ['go', '1.x', '1.26.8'],
    ['go', '1.21.x', '1.21.5'],
    ['rust', 'nightly', 'nightly'],
    ['rust', 'stable', 'stable'],
    ['rust', '1.70.0', '1.80.0'],
    ['jdk', 'openjdk11', '17.0.1'],
    ['jdk', 'oraclejdk8', '8'],
    ['ruby', 'ruby-2.7.1', '2.7.8'],
  ] as const)('%s %s -> %s', (tool, written, version) => {
    const all = [
      ...have('go', '1.21.5', '1.26.8'),
      ...have('rust', 'stable', 'nightly', '1.80.0'),
      ...have('jdk', '8', '17.0.1'),
      ...have('ruby', '2.7.8', '3.3.0'),
    ];
    expect(choose(tool, written, all)).toBe(version);
  });

  it('says what it uses instead, and nothing when it need not', () => {
    const instead = chooseInstallation('python', '3.5', PYTHONS, { strict: false });
    expect(instead).toMatchObject({
      notice: 'Python 3.5 is not on this machine; using Python 3.6.15 (test) instead.',
    });
    expect(chooseInstallation('python', '3.6', PYTHONS, { strict: true })).toMatchObject({
      notice: null,
    });
    const fallback = chooseInstallation('python', null, have('python', '3.11.2'), {
      strict: true,
      fallback: '3.10',
    });
    expect(fallback).toMatchObject({ kind: 'found', notice: null });
  });

  it('is strict when told to be, naming what there is', () => {
    const choice = chooseInstallation('python', '3.5', PYTHONS, { strict: true });
    expect(choice).toMatchObject({ kind: 'missing' });
    expect(choice.kind === 'missing' && choice.message).toMatch(
      /Python 3\.5 .*strict.*3\.11\.7.*3\.6\.15.*2\.7\.18/,
    );
    expect(chooseInstallation('ruby', '3.0', PYTHONS, { strict: false })).toMatchObject({
      kind: 'missing',
      message: 'Ruby 3.0 is not on this machine. It has no Ruby at all.',
    });
    expect(choose('python', 'pypy2.7', have('python', '2.7.18'))).toBe('missing');
  });
});
