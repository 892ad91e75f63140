import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ConditionData, type Json, plan } from '../src/index.ts';
import { checkPlan } from './invariants.ts';

/**
 * Files as people write them, one idea each. The comments at a file's head say what it must mean; they were
 * written by reasoning from the specification, not by running the library:
 *
 *   # jobs: 3                 the number of jobs
 *   # job 2: {"a": 1}         a job has at least these keys, with exactly these values
 *   # nokeys: a b             no job has these keys
 *   # config: {"a": 1}        the configuration has at least these keys
 *   # stages: a b             the names of the stages, joined
 *   # codes: a b              the codes of all messages but `default`, sorted, each once
 *   # refused: reason         why there would be no build
 *   # data: {"branch": "x"}   the build, on top of a push to master
 */
const directory = join(import.meta.dirname, 'corpus');
const files = readdirSync(directory).filter((name) => name.endsWith('.yml'));

function headOf(text: string): Map<string, string> {
  const head = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const found = /^# (jobs|job \d+|nokeys|config|stages|codes|refused|data|crlf)(?:: (.*))?$/.exec(
      line,
    );
    if (!found) break;
    head.set(found[1] ?? '', found[2] ?? '');
  }
  return head;
}

const pushToMaster: ConditionData = {
  type: 'push',
  branch: 'master',
  repo: 'owner/name',
  fork: false,
};

function dataOf(head: Map<string, string>): ConditionData {
  return { ...pushToMaster, ...(JSON.parse(head.get('data') ?? '{}') as ConditionData) };
}

test('the corpus is large enough', () => {
  expect(files.length).toBeGreaterThanOrEqual(200);
});

describe.each(files)('%s', (name) => {
  const text = readFileSync(join(directory, name), 'utf8');
  const head = headOf(text);
  const result = plan(text, dataOf(head));

  test('means what its head says', () => {
    expect(result.jobs).toHaveLength(Number(head.get('jobs')));
    for (const [key, value] of head) {
      const number = /^job (\d+)$/.exec(key)?.[1];
      if (number !== undefined) expectSome(result.jobs[Number(number) - 1], value);
    }
    if (head.has('config')) expectSome(result.config, head.get('config') ?? '');
    for (const key of (head.get('nokeys') ?? '').split(' ').filter(Boolean)) {
      for (const job of result.jobs) expect(job).not.toHaveProperty(key);
    }
    expect(result.stages.map((stage) => stage.name).join(' ')).toBe(head.get('stages') ?? '');
    expect(result.refused).toBe(head.get('refused'));
    const codes = new Set(result.messages.map(({ code }) => code));
    codes.delete('default');
    expect([...codes].sort().join(' ')).toBe(head.get('codes') ?? '');
  });

  test('keeps what holds for every file', () => {
    for (const data of [{}, pushToMaster, dataOf(head)]) {
      checkPlan(text, data, true);
      checkPlan(text, data, false);
    }
  });

  test('means what it meant', () => {
    expect(result).toMatchSnapshot();
  });
});

function expectSome(
  actual: { [key: string]: Json | undefined } | undefined,
  expected: string,
): void {
  const wanted = JSON.parse(expected) as { [key: string]: Json };
  const some = Object.fromEntries(Object.keys(wanted).map((key) => [key, actual?.[key]]));
  expect(some).toEqual(wanted);
}
