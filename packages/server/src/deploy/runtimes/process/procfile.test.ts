import { describe, expect, test } from 'vitest';
import { RuntimeFailure } from '../runtime.ts';
import { planProcesses, planReleaseCommands, type SourceFacts } from './plan.ts';
import { parseProcfile } from './procfile.ts';

const parse = (text: string) => Object.fromEntries(parseProcfile(text).processes);

test('types and commands, with comments, empty lines and every kind of line end', () => {
  expect(parse('\uFEFFweb: a --port $PORT\r\n\n# note\nworker:b: c\n  release :  d  \n')).toEqual({
    web: 'a --port $PORT',
    worker: 'b: c',
    release: 'd',
  });
});

for (const text of ['web', 'web:', ': x', 'we b: x', 'web: a\nweb: b', '../x: y']) {
  test(`${JSON.stringify(text)} is refused with its line`, () => {
    expect(() => parse(text)).toThrow(RuntimeFailure);
    expect(() => parse(text)).toThrow(/Procfile line \d/);
  });
}

describe('what runs', () => {
  const facts = (more: Partial<SourceFacts>): SourceFacts => ({
    names: new Set(),
    procfile: null,
    packageJson: null,
    staticDirectories: [],
    ...more,
  });
  const start = { scripts: { start: 'node .' }, nodeVersion: null };
  const types = (given: SourceFacts) => planProcesses(given).map((one) => one.type);

  test('the Procfile before package.json before pages; release is no process', () => {
    const procfile = parseProcfile('web: a\nworker: b\nrelease: c');
    const all = facts({ procfile, packageJson: start, staticDirectories: ['.'] });
    expect(planProcesses(all)[0]?.how).toEqual({ kind: 'command', command: 'a' });
    expect(types(all)).toEqual(['web', 'worker']);
    expect(planReleaseCommands(all)).toEqual([{ label: 'Procfile release', command: 'c' }]);
  });
  test('workers beside a start script or beside pages', () => {
    const procfile = parseProcfile('worker: b');
    expect(types(facts({ procfile, packageJson: start }))).toEqual(['web', 'worker']);
    expect(types(facts({ procfile, staticDirectories: ['dist'] }))).toEqual(['web', 'worker']);
  });
  test('the first directory with pages', () => {
    const [web] = planProcesses(facts({ staticDirectories: ['dist', 'public'] }));
    expect(web?.how).toEqual({ kind: 'static', directory: 'dist' });
  });
  test('nothing says it', () => {
    expect(() => types(facts({}))).toThrow(/Add a Procfile/);
    expect(() => types(facts({ procfile: parseProcfile('worker: x') }))).toThrow(/no "web"/);
  });
});
