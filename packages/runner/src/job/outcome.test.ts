import { describe, expect, it } from 'vitest';
import { type JobEnd, outcomeOf } from './outcome.ts';

const end = (changes: Partial<JobEnd>): JobEnd => ({
  exit: { code: 0, signal: null, exceeded: null },
  verdict: null,
  interruption: null,
  stopped: null,
  phase: 'script',
  ...changes,
});
const code = (value: number) => ({ code: value, signal: null, exceeded: null });

describe('outcomeOf (spec/travis.md 5.3)', () => {
  it.each<[string, Partial<JobEnd>, string]>([
    ['exit 0', { exit: code(0) }, 'passed'],
    ['exit 1', { exit: code(1) }, 'failed'],
    ['any other exit', { exit: code(2) }, 'errored'],
    ['killed by itself', { exit: { code: null, signal: 'SIGKILL', exceeded: null } }, 'errored'],
    ['cancelled', { exit: code(143), interruption: { kind: 'canceled' } }, 'canceled'],
    ['cancelled, and yet exit 0', { interruption: { kind: 'canceled' } }, 'canceled'],
    ['over a limit', { exit: code(0), interruption: { kind: 'limit', text: 'x' } }, 'errored'],
    ['over the memory limit', { exit: { code: 0, signal: null, exceeded: 'x' } }, 'errored'],
    ['never begun', { exit: code(1), phase: null }, 'errored'],
    ['stopped by a phase', { exit: code(2), stopped: 'x' }, 'errored'],
    ['passed, then exit 3', { exit: code(3), verdict: 'passed' }, 'passed'],
    ['failed, then exit 0', { exit: code(0), verdict: 'failed' }, 'failed'],
    [
      'passed, then cancelled',
      { exit: code(143), verdict: 'passed', interruption: { kind: 'canceled' } },
      'passed',
    ],
    [
      'passed, then over its limit',
      { verdict: 'passed', interruption: { kind: 'limit', text: 'x' } },
      'passed',
    ],
    ['passed, deployment failed', { exit: code(2), verdict: 'passed', stopped: 'x' }, 'errored'],
    [
      'passed, before_deploy ended the shell',
      { exit: code(1), verdict: 'passed', phase: 'before_deploy' },
      'errored',
    ],
    [
      'passed, after_deploy ended the shell',
      { exit: code(1), verdict: 'passed', phase: 'after_deploy' },
      'passed',
    ],
  ])('%s', (_name, changes, state) => {
    expect(outcomeOf(end(changes)).state).toBe(state);
  });

  it('has a reason for everything that is not plain from the log', () => {
    expect(outcomeOf(end({ exit: code(77), phase: 'install' })).reason).toContain(
      'exit code 77 during install',
    );
    expect(outcomeOf(end({ exit: code(1), phase: null })).reason).toContain('could not be started');
    expect(outcomeOf(end({})).reason).toBeNull();
  });
});
