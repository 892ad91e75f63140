import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Topics } from '../store/index.ts';
import { type CiKit, createCiKit } from './test/kit.ts';

/** Under load a second, the default, is not long. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 120_000 });

let kit: CiKit;
let base: string;
beforeEach(async () => {
  kit = await createCiKit();
  ({ sha: base } = await kit.push('language: generic\nscript: true\n', {
    message: 'base [skip ci]',
  }));
  await kit.work.branch('topic');
});
afterEach(() => kit.close());

/** A commit on the topic, its merge result, and the wish to have that built. */
async function wish(
  yaml: string | null,
  change: Partial<Topics['pull_build']> = {},
  message = 'Topic',
): Promise<Topics['pull_build']> {
  // Straight into the repository, as no branch: a push would make a build of its own.
  const head = await kit.work.commit(message, { '.travis.yml': yaml });
  await kit.work.push(kit.git.path(kit.repositoryUuid), '+HEAD:refs/pull/5/head');
  const result = await kit.git.pulls.prepare(kit.repositoryUuid, {
    number: 5,
    base,
    head,
  });
  if (result.kind !== 'clean') throw new Error(result.kind);
  const made: Topics['pull_build'] = {
    ...{ request: randomUUID(), repositoryUuid: kit.repositoryUuid, number: 5, title: 'A topic' },
    ...{ draft: false, sender: 'ada', trusted: true, baseRef: 'main', baseSha: base },
    head: { sha: head, ref: 'topic', slug: 'acme/site' },
    ...{ sha: result.sha, ref: 'refs/pull/5/merge' },
    ...change,
  };
  await publish(made);
  return made;
}

const publish = (message: Topics['pull_build']) =>
  kit.store.transaction((trx) => kit.store.messages.publish(trx, 'pull_build', message));

/** What the pulls room is told. */
async function answer(request: string): Promise<Topics['pull_build_answer']> {
  for (;;) {
    const rows = await kit.store.db
      .selectFrom('messages')
      .select('payload')
      .where('topic', '=', 'pull_build_answer')
      .execute();
    const found = rows
      .map((row) => JSON.parse(row.payload) as Topics['pull_build_answer'])
      .find((one) => one.request === request);
    if (found !== undefined) return found;
    await new Promise((done) => setTimeout(done, 30));
  }
}

it('builds the merge result, and tells its jobs of the pull request', async () => {
  const made = await wish(
    'language: generic\nscript: true\nif: head_branch = topic AND type = pull_request\n',
  );
  const { buildId } = await answer(made.request);
  const { payload } = await kit.lease();
  expect(payload).toMatchObject({
    trusted: true,
    build: {
      id: buildId,
      event: 'pull_request',
      branch: 'main',
      sha: made.sha,
      pullRequest: {
        ...{ number: 5, branch: 'topic', sha: made.head.sha, slug: 'acme/site', draft: false },
      },
    },
    clone: { ref: 'refs/pull/5/merge' },
  });
  // It says nothing about whether a commit may be deployed.
  expect(await kit.test(made.sha)).toMatchObject({ state: 'unfinished', buildId });
  await publish(made);
  await publish({ ...made, request: 'again' });
  await answer('again');
  const { count } = await kit.ci.builds.list({ repositoryUuids: null }, { limit: 9, offset: 0 });
  expect(count).toBe(2);
});

it('gives a fork no secret and no place in any cache', async () => {
  const secure = await kit.encrypt('TOKEN=hidden-value');
  await kit.settingsVariables.create(kit.repositoryUuid, {
    ...{ name: 'SETTING', value: 'hidden-setting', isPublic: false },
  });
  const made = await wish(
    `language: generic\nscript: true\nenv: {global: [{secure: "${secure}"}, SHOWN=1]}\n`,
    { trusted: false },
  );
  await answer(made.request);
  const { payload } = await kit.lease();
  expect(payload.trusted).toBe(false);
  expect(JSON.stringify({ ...payload, clone: null, secrets: null })).not.toContain('hidden');
  expect(payload.env.flatMap(({ vars }) => vars)).toEqual([{ text: 'SHOWN=1', secret: false }]);
  expect(payload.notices.join()).toContain('fork');
  const simple = { runner: 'simple', isolates: false };
  await wish('language: generic\nscript: echo 2\n', { trusted: false });
  expect(await kit.ci.runner.lease(simple, 300)).toBeNull();
});

it.each<[string, string | null, Partial<Topics['pull_build']>, string, RegExp]>([
  ['without a configuration', null, {}, 'Say it', /no \.travis\.yml/],
  ['whose head asks for it', 'script: true\n', {}, 'No [ci skip]', /asks to skip/],
  ['of another branch', 'script: true\nbranches: {only: other}\n', {}, 'x', /leave this branch/],
  ['whose condition is false', 'script: true\nif: fork = false\n', { trusted: false }, 'x', /`if`/],
])('leaves a pull request %s, and says why', async (_what, yaml, change, message, why) => {
  const made = await wish(yaml, change, message);
  expect(await answer(made.request)).toMatchObject({
    buildId: null,
    refusal: expect.stringMatching(why),
  });
});

it('cancels its older builds that have not begun, and running ones where that is set', async () => {
  const first = await answer((await wish('script: echo 1\n')).request);
  const running = await kit.lease();
  const second = await answer((await wish('script: echo 2\n')).request);
  const third = await answer((await wish('script: echo 3\n')).request);
  const stateOf = async (id: number | null) => (await kit.ci.builds.get(id ?? 0))?.state;
  await eventually(() => stateOf(second.buildId)).toBe('canceled');
  expect([await stateOf(first.buildId), await stateOf(third.buildId)]).toEqual([
    'started',
    'created',
  ]);

  await kit.ci.settings.change(kit.repositoryUuid, { autoCancelPullRequests: true });
  await wish('script: echo 4\n');
  const { jobId } = running.payload;
  await eventually(
    async () => (await kit.ci.runner.renew(jobId, running.leaseToken)).cancelRequested,
  ).toBe(true);
});
