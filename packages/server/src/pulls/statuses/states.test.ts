import { describe, expect, test } from 'vitest';
import { STATUS_PROVIDERS, type StatusState, statusRequest } from './hosts.ts';
import { BUILDS, describeDeployment } from './sources.ts';

const SHA = 'a'.repeat(40);
const stateAt = (provider: (typeof STATUS_PROVIDERS)[number], state: StatusState) =>
  statusRequest(
    { provider, apiUrl: 'https://host/api', slug: 'acme/site', token: 't' },
    { sha: SHA, context: 'sluice/push', state, description: 'x', targetUrl: 'https://sluice/1' },
  ).body['state'];

describe('each host gets one of the words that it documents', () => {
  const WORDS: Readonly<Record<string, readonly string[]>> = {
    github: ['pending', 'success', 'failure', 'error'],
    gitea: ['pending', 'success', 'failure', 'error'],
    gitlab: ['running', 'success', 'failed', 'failed'],
    bitbucket: ['INPROGRESS', 'SUCCESSFUL', 'FAILED', 'FAILED'],
  };
  test.each(STATUS_PROVIDERS)('%s', (provider) => {
    const states = (['pending', 'success', 'failure', 'error'] as const).map((state) =>
      stateAt(provider, state),
    );
    expect(states).toEqual(WORDS[provider]);
  });
});

test.each([
  ['unfinished', 'pending'],
  ['passed', 'success'],
  ['failed', 'failure'],
  ['errored', 'error'],
  ['canceled', 'error'],
])('a build that is %s is %s', (build, state) => {
  expect(BUILDS[build]?.[0]).toBe(state);
});

const carrier = (status: string) => ({ uuid: 'c'.repeat(36), sha: 'd'.repeat(40), status });

test.each([
  ['AWAITING_COMMIT', null, 'pending', /On its way/],
  ['AWAITING_BUILD', null, 'pending', /On its way/],
  ['QUEUED', null, 'pending', /On its way/],
  ['RUNNING', null, 'pending', /On its way/],
  ['SUCCEEDED', null, 'success', /^Live in live\.$/],
  ['FAILED', null, 'failure', /failed/],
  ['CANCELLED', null, 'error', /cancelled/],
  ['HELD', null, 'error', /on hold/],
  ['SUPERSEDED', null, 'pending', /a later one/],
  ['SUPERSEDED', carrier('RUNNING'), 'pending', /deployment cccccccc of dddddddddd/],
  ['SUPERSEDED', carrier('SUCCEEDED'), 'success', /^Live in live, carried by/],
  ['SUPERSEDED', carrier('FAILED'), 'failure', /which failed/],
])('a deployment that is %s, carried by %o, is %s', (status, by, state, words) => {
  const said = describeDeployment(status, 'live', by);
  expect(said).toEqual([state, expect.stringMatching(words)]);
});

test('a deployment that was not needed says nothing', () => {
  expect(describeDeployment('SKIPPED', 'live', null)).toBeNull();
});
