import { describe, expect, it } from 'vitest';
import type { Outcome } from '../states.ts';
import { decideNotifications, type Occasion } from './decide.ts';

const occasion = (
  outcome: Outcome | null,
  previous: Outcome | null = null,
  event: Occasion['event'] = 'push',
): Occasion => ({ event, outcome, previous });

const kinds = (configured: Parameters<typeof decideNotifications>[0], about: Occasion) =>
  decideNotifications(configured, about).map((target) => target.kind);

const HOOK = { webhooks: [{ urls: ['https://a.test/'] }] };

describe('defaults (spec/travis.md 9)', () => {
  it.each<[Outcome | null, Outcome | null, boolean]>([
    ['passed', null, true],
    ['passed', 'passed', false],
    ['passed', 'failed', true],
    ['failed', 'failed', true],
    ['failed', 'passed', true],
    ['errored', 'errored', true],
    ['canceled', 'canceled', true],
    [null, null, false],
  ])('email about %s after %s: %s', (outcome, previous, sent) => {
    expect(kinds({}, occasion(outcome, previous))).toEqual(sent ? ['email'] : []);
  });

  it('tells webhooks and Slack of every end and of no begin', () => {
    const both = { ...HOOK, slack: [{ rooms: ['a:b'] }], email: [{ enabled: false }] };
    for (const outcome of ['passed', 'failed', 'errored', 'canceled'] as const) {
      expect(kinds(both, occasion(outcome, outcome))).toEqual(['webhooks', 'slack']);
    }
    expect(kinds(both, occasion(null))).toEqual([]);
  });

  it('sends no email about pull requests, the others unless they are told not to', () => {
    const all = {
      email: [{ recipients: ['a@b.test'] }],
      ...HOOK,
      slack: [{ rooms: ['a:b'], on_pull_requests: false }],
    };
    expect(kinds(all, occasion('failed', null, 'pull_request'))).toEqual(['webhooks']);
  });
});

describe('callbacks', () => {
  it.each<[string, Outcome | null]>([
    ['on_success', 'passed'],
    ['on_failure', 'failed'],
    ['on_error', 'errored'],
    ['on_cancel', 'canceled'],
    ['on_start', null],
  ])('%s decides about %s', (name, outcome) => {
    const configured = (frequency: string) => ({
      email: [{ enabled: false }],
      webhooks: [{ urls: ['https://a.test/'], [name]: frequency }],
    });
    expect(kinds(configured('always'), occasion(outcome, outcome))).toHaveLength(1);
    expect(kinds(configured('never'), occasion(outcome, 'passed'))).toHaveLength(0);
    if (outcome === null) return;
    expect(kinds(configured('change'), occasion(outcome, outcome))).toHaveLength(0);
    expect(kinds(configured('change'), occasion(outcome, null))).toHaveLength(1);
  });
});

describe('receivers', () => {
  it('are told once, whatever encrypted or plain list they stand in', () => {
    const configured = {
      email: [{ enabled: false }],
      webhooks: [
        { urls: ['https://a.test/', { secure: 'x' }] },
        { urls: ['https://a.test/', 7, null, ''] },
      ],
    };
    expect(decideNotifications(configured, occasion('passed'))).toEqual([
      { kind: 'webhooks', to: 'https://a.test/' },
      { kind: 'webhooks', to: { secure: 'x' } },
    ]);
  });

  it('are a hundred at most', () => {
    const urls = Array.from({ length: 500 }, (_, index) => `https://a.test/${index}`);
    expect(decideNotifications({ webhooks: [{ urls }] }, occasion('passed'))).toHaveLength(100);
  });
});
