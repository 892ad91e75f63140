import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DIALECTS, dialectOf, guessProvider } from './dialects.ts';
import { UnreadableBody } from './types.ts';

/** Bodies in the shapes that the hosts document, cut down to what is around the parts that are read. */

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const ZERO = '0'.repeat(40);

const githubPull = (action: string, more: object = {}) => ({
  action,
  number: 7,
  pull_request: {
    id: 279147437,
    number: 7,
    state: 'open',
    title: 'Update the README',
    user: { login: 'Codertocat', id: 21031067, type: 'User' },
    html_url: 'https://github.com/Codertocat/Hello-World/pull/7',
    updated_at: '2026-05-15T15:20:33Z',
    draft: false,
    merged: false,
    head: {
      label: 'Codertocat:changes',
      ref: 'changes',
      sha: A,
      repo: { id: 186853002, full_name: 'Codertocat/Hello-World', fork: false },
    },
    base: {
      label: 'Codertocat:main',
      ref: 'main',
      sha: B,
      repo: { id: 186853002, full_name: 'Codertocat/Hello-World', fork: false },
    },
    ...more,
  },
  repository: { id: 186853002, full_name: 'Codertocat/Hello-World', private: false },
  sender: { login: 'Codertocat', id: 21031067 },
});

describe('github', () => {
  const { github } = DIALECTS;

  test('pushes of branches and tags, deletions, pings', () => {
    const repository = { full_name: 'Codertocat/Hello-World' };
    const push = { ref: 'refs/heads/main', before: B, after: A, forced: true, repository };
    expect(github.parse('push', push)).toEqual({
      repository: 'codertocat/hello-world',
      events: [{ kind: 'push', ref: 'refs/heads/main', after: A }],
      ignored: null,
    });
    const tag = { ref: 'refs/tags/v1', before: ZERO, after: A, created: true, repository };
    expect(github.parse('push', tag).events).toEqual([
      { kind: 'push', ref: 'refs/tags/v1', after: A },
    ]);
    const gone = { ref: 'refs/heads/old', before: A, after: ZERO, deleted: true, repository };
    expect(github.parse('push', gone).events).toEqual([
      { kind: 'push', ref: 'refs/heads/old', after: null },
    ]);
    expect(
      github.parse('ping', { zen: 'Design for failure.', hook_id: 1, repository }).events,
    ).toEqual([{ kind: 'ping' }]);
    expect(github.parse('star', { action: 'created', repository }).ignored).toContain('star');
  });

  test.each([
    ['opened', {}, 'opened'],
    ['synchronize', {}, 'updated'],
    ['reopened', {}, 'reopened'],
    ['ready_for_review', {}, 'updated'],
    ['closed', {}, 'closed'],
    ['closed', { merged: true }, 'merged'],
  ])('a pull request: %s %j is %s', (action, more, expected) => {
    expect(github.parse('pull_request', githubPull(action, more)).events).toEqual([
      {
        kind: 'pull_request',
        number: 7,
        action: expected,
        title: 'Update the README',
        author: { id: '21031067', login: 'Codertocat' },
        head: { sha: A, ref: 'changes', repository: 'Codertocat/Hello-World', isFork: false },
        base: { sha: B, ref: 'main' },
        url: 'https://github.com/Codertocat/Hello-World/pull/7',
        draft: false,
        at: '2026-05-15T15:20:33.000Z',
      },
    ]);
  });

  test('a fork is one by the identity of its repository, also when that is gone', () => {
    const of = (repo: unknown) =>
      github.parse('pull_request', githubPull('opened', { head: { ref: 'x', sha: A, repo } }))
        .events[0];
    // The same name, another repository: names can be taken over.
    const fork = { id: 2, full_name: 'Codertocat/Hello-World' };
    expect(of(fork)).toMatchObject({ head: { isFork: true } });
    expect(of(null)).toMatchObject({ head: { isFork: true, repository: null } });
    expect(github.parse('pull_request', githubPull('labeled')).ignored).toContain('labeled');
  });
});

describe('gitlab', () => {
  const { gitlab } = DIALECTS;
  const project = { id: 15, path_with_namespace: 'mike/diaspora' };
  const request = (action: string, attributes: object = {}, changes: object = {}) => ({
    object_kind: 'merge_request',
    user: { id: 51, username: 'root' },
    project,
    object_attributes: {
      ...{ id: 99, iid: 4, title: 'MS-Viewport', author_id: 51, action, draft: false },
      ...{ target_branch: 'main', source_branch: 'ms-viewport' },
      ...{ source_project_id: 15, target_project_id: 15, url: 'http://git.example/mr/4' },
      last_commit: { id: A, message: 'fixed readme' },
      source: { path_with_namespace: 'mike/diaspora' },
      target: { path_with_namespace: 'mike/diaspora' },
      updated_at: '2026-05-15 15:20:33 UTC',
      ...attributes,
    },
    changes,
  });

  test('pushes, tags, deletions', () => {
    const push = { object_kind: 'push', ref: 'refs/heads/main', before: B, after: A, project };
    expect(gitlab.parse('Push Hook', push)).toEqual({
      repository: 'mike/diaspora',
      events: [{ kind: 'push', ref: 'refs/heads/main', after: A }],
      ignored: null,
    });
    const tag = { object_kind: 'tag_push', ref: 'refs/tags/v1', before: A, after: ZERO, project };
    expect(gitlab.parse('Tag Push Hook', tag).events).toEqual([
      { kind: 'push', ref: 'refs/tags/v1', after: null },
    ]);
    expect(gitlab.parse('Issue Hook', { object_kind: 'issue', project }).ignored).toContain(
      'issue',
    );
  });

  test.each([
    ['open', 'opened'],
    ['reopen', 'reopened'],
    ['close', 'closed'],
    ['merge', 'merged'],
  ])('a merge request: %s is %s', (action, expected) => {
    expect(gitlab.parse('Merge Request Hook', request(action)).events).toMatchObject([
      {
        ...{ kind: 'pull_request', number: 4, action: expected, draft: false },
        author: { id: '51', login: 'root' },
        head: { sha: A, ref: 'ms-viewport', repository: 'mike/diaspora', isFork: false },
        base: { sha: null, ref: 'main' },
        at: '2026-05-15T15:20:33.000Z',
      },
    ]);
  });

  test('an update is news with new commits, another title or base, not with a label', () => {
    const parse = (body: unknown) => gitlab.parse('Merge Request Hook', body);
    expect(parse(request('update', { oldrev: B })).events).toMatchObject([{ action: 'updated' }]);
    expect(parse(request('update', {}, { title: { previous: 'x' } })).events).toHaveLength(1);
    expect(parse(request('update', {}, { labels: {} })).events).toEqual([]);
    expect(parse(request('approved')).ignored).toContain('approved');
    const fork = request('open', { source_project_id: 16, author_id: 8 });
    expect(parse(fork).events).toMatchObject([
      { head: { isFork: true }, author: { id: '8', login: 'user 8' } },
    ]);
  });
});

describe('gitea and forgejo', () => {
  const { gitea } = DIALECTS;
  const repository = { id: 1, full_name: 'gitea/webhooks' };
  const pull = (action: string, more: object = {}) => ({
    ...{ action, number: 3, repository },
    pull_request: {
      ...{ id: 30, number: 3, title: 'WIP: a change', merged: false },
      user: { id: 9, login: 'lunny' },
      html_url: 'http://gitea.example/gitea/webhooks/pulls/3',
      head: { ref: 'change', sha: A, repo_id: 1, repo: repository },
      base: { ref: 'main', sha: B, repo_id: 1, repo: repository },
      updated_at: '2026-05-15T17:20:33+02:00',
      ...more,
    },
  });

  test('pushes and pull requests', () => {
    const push = { ref: 'refs/heads/develop', before: B, after: A, repository };
    expect(gitea.parse('push', push)).toMatchObject({
      repository: 'gitea/webhooks',
      events: [{ kind: 'push', ref: 'refs/heads/develop', after: A }],
    });
    expect(gitea.parse('delete', { ref: 'x', ref_type: 'branch', repository }).events).toEqual([
      { kind: 'push', ref: null, after: null },
    ]);
    expect(gitea.parse('pull_request', pull('opened')).events).toMatchObject([
      { action: 'opened', draft: true, head: { isFork: false }, at: '2026-05-15T15:20:33.000Z' },
    ]);
    expect(gitea.parse('pull_request_sync', pull('synchronized')).events).toMatchObject([
      { action: 'updated', number: 3, author: { id: '9', login: 'lunny' } },
    ]);
    expect(gitea.parse('pull_request', pull('closed', { merged: true })).events).toMatchObject([
      { action: 'merged' },
    ]);
    const fork = { head: { ref: 'x', sha: A, repo_id: 2, repo: repository } };
    expect(gitea.parse('pull_request', pull('opened', fork)).events).toMatchObject([
      { head: { isFork: true } },
    ]);
  });

  test('forgejo is understood by its own headers', () => {
    const body = Buffer.from('{}');
    const signature = createHmac('sha256', 'secret').update(body).digest('hex');
    const headers = { 'x-forgejo-event': 'push', 'x-forgejo-signature': signature };
    expect(dialectOf('forgejo')?.event(headers)).toBe('push');
    expect(gitea.verify(headers, body, 'secret', 0)).toBe('ok');
  });
});

describe('bitbucket', () => {
  const { bitbucket } = DIALECTS;
  const repository = { uuid: '{1}', full_name: 'team_name/repo_name' };
  const pull = (more: object = {}) => ({
    repository,
    pullrequest: {
      ...{ id: 1, title: 'Title', state: 'OPEN', updated_on: '2026-05-15T15:20:33.675Z' },
      author: { account_id: '557058:9', nickname: 'emma', display_name: 'Emma' },
      source: { branch: { name: 'branch2' }, commit: { hash: 'd3022fc0ca3d' }, repository },
      destination: { branch: { name: 'main' }, commit: { hash: 'ce5965ddd289' }, repository },
      links: { html: { href: 'https://api.bitbucket.org/pullrequest_id' } },
      ...more,
    },
  });

  test('a push of several branches, a deletion, and too many to list', () => {
    const named = (name: string, hash: string) => ({
      ...{ type: 'branch', name, target: { type: 'commit', hash } },
    });
    const changes = [
      { new: named('main', A), old: named('main', B), forced: true },
      { new: null, old: named('gone', B), closed: true },
      { new: { ...named('v1', B), type: 'tag' }, old: null, created: true },
    ];
    expect(bitbucket.parse('repo:push', { repository, push: { changes } })).toEqual({
      repository: 'team_name/repo_name',
      events: [
        { kind: 'push', ref: 'refs/heads/main', after: A },
        { kind: 'push', ref: 'refs/heads/gone', after: null },
        { kind: 'push', ref: 'refs/tags/v1', after: B },
      ],
      ignored: null,
    });
    expect(bitbucket.parse('repo:push', { repository, push: { changes: [] } }).events).toHaveLength(
      1,
    );
  });

  test.each([
    ['pullrequest:created', 'opened'],
    ['pullrequest:updated', 'updated'],
    ['pullrequest:fulfilled', 'merged'],
    ['pullrequest:rejected', 'closed'],
  ])('%s is %s, with the commit as short as it comes', (event, action) => {
    expect(bitbucket.parse(event, pull()).events).toMatchObject([
      {
        ...{ number: 1, action, author: { id: '557058:9', login: 'emma' } },
        head: { sha: 'd3022fc0ca3d', ref: 'branch2', isFork: false },
        base: { sha: null, ref: 'main' },
      },
    ]);
  });

  test('forks, and what does not matter', () => {
    const source = {
      ...{ branch: { name: 'x' }, commit: { hash: A }, repository: { uuid: '{2}' } },
    };
    expect(bitbucket.parse('pullrequest:created', pull({ source })).events).toMatchObject([
      { head: { isFork: true, repository: null } },
    ]);
    const links = { html: { href: 'https://bitbucket.org/eve/shop' } };
    const fork = { ...source, repository: { uuid: '{2}', full_name: 'eve/shop', links } };
    const told = bitbucket.parse('pullrequest:created', pull({ source: fork }));
    expect(told.events).toMatchObject([
      { head: { isFork: true, url: 'https://bitbucket.org/eve/shop.git' } },
    ]);
    expect(bitbucket.parse('pullrequest:approved', pull()).ignored).toContain('approved');
  });

  test('Bitbucket Data Center', () => {
    const own = { id: 84, slug: 'repository', project: { key: 'PROJ' } };
    const changes = [{ ref: { id: 'refs/heads/main', type: 'BRANCH' }, fromHash: B, toHash: A }];
    expect(bitbucket.parse('repo:refs_changed', { repository: own, changes })).toEqual({
      repository: 'proj/repository',
      events: [{ kind: 'push', ref: 'refs/heads/main', after: A }],
      ignored: null,
    });
    expect(bitbucket.parse('diagnostics:ping', { test: true }).events).toEqual([{ kind: 'ping' }]);
    const pullRequest = {
      ...{ id: 11, title: 'a new file', draft: false, updatedDate: 1505783592000 },
      author: { user: { id: 1, name: 'admin' } },
      fromRef: { displayId: 'a-branch', latestCommit: A, repository: { ...own, id: 85 } },
      toRef: { displayId: 'main', latestCommit: B, repository: own },
      links: { self: [{ href: 'https://bitbucket.example/pr/11' }] },
    };
    expect(bitbucket.parse('pr:opened', { pullRequest })).toMatchObject({
      repository: 'proj/repository',
      events: [
        {
          ...{ action: 'opened', number: 11, at: '2017-09-19T01:13:12.000Z' },
          head: { sha: A, isFork: true },
          base: { sha: B, ref: 'main' },
        },
      ],
    });
  });
});

test('the generic form: who does not say that it is no fork has one', () => {
  const { generic } = DIALECTS;
  expect(generic.parse('', { event: 'push' }).events).toEqual([
    { kind: 'push', ref: null, after: null },
  ]);
  const body = {
    ...{ event: 'pull_request', repository: 'A/b', number: 1, action: 'opened', title: 'x' },
    author: { id: '1', login: 'who' },
    head: { sha: A, ref: 'x', repository: 'a/b' },
    base: { ref: 'main' },
  };
  expect(generic.parse('', body)).toMatchObject({
    ...{ repository: 'a/b', events: [{ head: { isFork: true } }] },
  });
  expect(() => generic.parse('', { ...body, action: 'exploded' })).toThrow(UnreadableBody);
});

test.each(Object.values(DIALECTS))(
  '$provider: what is damaged is told, never guessed',
  (dialect) => {
    const events = [
      'push',
      'pull_request',
      'Merge Request Hook',
      'repo:push',
      'pullrequest:created',
    ];
    for (const event of [...events, 'pr:opened', 'repo:refs_changed', 'ping', '', '__proto__']) {
      for (const body of [
        null,
        1,
        'x',
        [],
        {},
        { object_kind: 'push' },
        { event: 'pull_request' },
      ]) {
        try {
          const { events: found } = dialect.parse(event, body);
          for (const one of found) expect(one.kind).not.toBe('pull_request');
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableBody);
        }
      }
    }
  },
);

test('the kind of host is guessed from its address', () => {
  expect(guessProvider('https://github.com/a/b')).toBe('github');
  expect(guessProvider('git@gitlab.example.com:a/b')).toBe('gitlab');
  expect(guessProvider('https://user@bitbucket.org/a/b')).toBe('bitbucket');
  expect(guessProvider('https://codeberg.org/a/b')).toBe('gitea');
  expect(guessProvider('https://git.example.com/github.com/b')).toBe('generic');
});
