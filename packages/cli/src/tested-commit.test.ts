import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRepository } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testedCommit } from './tested-commit.ts';

const SHA = 'a'.repeat(40);
let outside: string;
beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), 'sluice-tested-'));
});
afterAll(() => rm(outside, { recursive: true, force: true }));

const tested = (environment: Record<string, string>) => testedCommit(environment, outside);

describe('the commit', () => {
  it.each([
    'TRAVIS_COMMIT',
    'GITHUB_SHA',
    'CI_COMMIT_SHA',
    'CIRCLE_SHA1',
    'GIT_COMMIT',
    'BUILDKITE_COMMIT',
    'BITBUCKET_COMMIT',
  ])('is found in %s', async (variable) => {
    expect(await tested({ [variable]: SHA })).toEqual({ kind: 'commit', commit: SHA, variable });
  });

  it('is nobody’s where no service says so', async () => {
    expect(await tested({ CI: 'true', GITHUB_SHA: '' })).toBeNull();
  });

  it('of a HEAD or a tag object is the commit that the check-out has there', async () => {
    const repository = await createRepository();
    const sha = await repository.commit('one');
    await repository.tag('v1', 'the first');
    const tag = await repository.git('rev-parse', 'v1');
    expect(tag).not.toBe(sha);
    for (const text of ['HEAD', tag, sha]) {
      const found = await testedCommit({ BUILDKITE_COMMIT: text }, repository.path);
      expect(found).toMatchObject({ kind: 'commit', commit: sha });
    }
    await repository.remove();
  });

  it('is CircleCI’s also on a branch that a pull request comes from', async () => {
    const environment = { CIRCLE_SHA1: SHA, CIRCLE_PULL_REQUEST: 'https://example.com/pull/7' };
    expect(await tested(environment)).toMatchObject({ kind: 'commit', commit: SHA });
  });

  it('of a workflow_run is the one that the other workflow tested', async () => {
    const file = join(outside, 'event.json');
    const event = (run: object) => writeFile(file, JSON.stringify({ workflow_run: run }));
    const environment = {
      GITHUB_EVENT_NAME: 'workflow_run',
      GITHUB_EVENT_PATH: file,
      GITHUB_SHA: 'b'.repeat(40),
    };
    await event({ head_sha: SHA, event: 'push', head_branch: 'main' });
    expect(await tested(environment)).toMatchObject({ kind: 'commit', commit: SHA });
    await event({ head_sha: SHA, event: 'pull_request', head_branch: 'feature' });
    expect(await tested(environment)).toMatchObject({ kind: 'pull_request', name: 'feature' });
  });
});

describe('a pull request', () => {
  it.each<[string, Record<string, string>]>([
    ['Travis CI', { TRAVIS_COMMIT: SHA, TRAVIS_PULL_REQUEST: '12' }],
    [
      'GitHub, a merge commit',
      { GITHUB_SHA: SHA, GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/12/merge' },
    ],
    [
      'GitHub, the base',
      {
        GITHUB_SHA: SHA,
        GITHUB_EVENT_NAME: 'pull_request_target',
        GITHUB_REF: 'refs/pull/12/merge',
      },
    ],
    ['GitLab', { CI_COMMIT_SHA: SHA, CI_MERGE_REQUEST_IID: '12' }],
    ['Jenkins', { GIT_COMMIT: SHA, CHANGE_ID: '12' }],
    ['Buildkite', { BUILDKITE_COMMIT: SHA, BUILDKITE_PULL_REQUEST: '12' }],
    ['Bitbucket', { BITBUCKET_COMMIT: SHA, BITBUCKET_PR_ID: '12' }],
    ['Woodpecker', { CI_COMMIT_SHA: SHA, CI_COMMIT_PULL_REQUEST: '12' }],
  ])('of %s is known', async (_service, environment) => {
    expect(await tested(environment)).toMatchObject({ kind: 'pull_request', name: '12' });
  });

  it.each<Record<string, string>>([
    { TRAVIS_COMMIT: SHA, TRAVIS_PULL_REQUEST: 'false' },
    { BUILDKITE_COMMIT: SHA, BUILDKITE_PULL_REQUEST: 'false' },
    { CI_COMMIT_SHA: SHA, CI_COMMIT_PULL_REQUEST: '' },
  ])('is none in %j', async (environment) => {
    expect(await tested(environment)).toMatchObject({ kind: 'commit', commit: SHA });
  });
});
