import {
  createRepository,
  type Gitea,
  type GiteaUser,
  isLeftOut,
  startGitea,
  type TestRepository,
} from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CreatedApplication,
  createPlace,
  fetchPage,
  type Place,
  webApplication,
} from '../support/site.ts';

/** Everything that Sluice knows of hosts, against one that knows nothing of Sluice: an unmodified Gitea. */

const executable = process.env['SLUICE_TEST_GITEA'] ?? '';
const skips = isLeftOut(
  'a real Gitea (it takes 6 minutes of processor time to build)',
  executable !== '',
  'script/test-gitea',
);
const eventually = <T>(look: () => Promise<T>) =>
  expect.poll(look, { timeout: 120_000, interval: 300 });

const TRAVIS = `language: generic
script:
  - echo "secret [$TOP_SECRET] pull $TRAVIS_PULL_REQUEST of $TRAVIS_PULL_REQUEST_SLUG secure $TRAVIS_SECURE_ENV_VARS"
  - test ! -e broken
deploy:
  provider: sluice
  environment: live
`;

interface Status {
  readonly context: string;
  readonly status: string;
  readonly description: string;
  readonly target_url: string;
}

describe.skipIf(skips)('an application whose code is on a real Gitea', () => {
  let gitea: Gitea;
  let place: Place;
  let ann: GiteaUser;
  let eve: GiteaUser;
  let work: TestRepository;
  let fork: TestRepository;
  let application: CreatedApplication;
  let name = 'shop';

  beforeAll(async () => {
    gitea = await startGitea(executable);
    [ann, eve] = [await gitea.user('ann'), await gitea.user('eve')];
    place = await createPlace({
      flags: [
        ...['--mirror-local-networks', '--mirror-protocols=http,https,ssh'],
        ...['--mirror-poll-seconds=3600', '--runner-concurrency', '2'],
      ],
    });
  }, 240_000);
  afterAll(async () => {
    await place?.destroy();
    await gitea?.stop();
    await Promise.all([work?.remove(), fork?.remove()]);
  });

  const sluice = (...words: string[]): Promise<string> =>
    place.installation.must([...words, '--remote-id', String(application.id)]);
  const push = async (on: TestRepository, message: string, text: string): Promise<string> => {
    const files = { ...webApplication(text), '.travis.yml': TRAVIS };
    const sha = await on.commit(message, files);
    await on.git('push', '-q', 'origin', 'HEAD');
    return sha;
  };
  const live = async () => {
    const url = application.environments.find(({ slug }) => slug === 'live')?.url ?? '';
    return (await fetchPage(new URL(url))).commit;
  };
  /** The newest state of every context, as Gitea tells it to whoever asks. */
  const statuses = async (sha: string): Promise<Record<string, string>> => {
    const all = await ann.api<Status[]>(
      ...(['GET', `/repos/ann/${name}/commits/${sha}/statuses?sort=oldest&limit=50`] as const),
    );
    return Object.fromEntries(all.map(({ context, status }) => [context, status]));
  };
  const pull = async () => {
    const { uuid } = application;
    return (await place.client().pullRequests.list({ application: uuid })).results[0];
  };
  const deliveries = async () => JSON.parse(await sluice('repo', 'deliveries', '--json'));

  it('is connected by address and token, and what is pushed there goes live by its webhook', async () => {
    await ann.api('POST', '/user/repos', { name, private: true, default_branch: 'main' });
    work = await createRepository();
    await work.git('remote', 'add', 'origin', ann.remote(`ann/${name}`));
    await push(work, 'First', 'first');
    const printed = await place.installation.must(
      [
        ...['app', 'create', 'Shop', '--repository', `${gitea.url}/ann/${name}.git`],
        ...['--token', '--json'],
      ],
      { input: `${await ann.tokenFor('read:repository')}\n` },
    );
    const { uuid } = JSON.parse(printed);
    application = {
      ...JSON.parse(printed),
      environments: (await place.client().environments.list({ application: uuid })).results,
    };
    await sluice('ci', 'enable');
    await sluice('env', 'set', 'TOP_SECRET=hunter2hunter2', '--private');
    await place.client().commitStatuses.set(uuid, {
      ...{ provider: 'gitea', api_url: `${gitea.url}/api/v1`, slug: `ann/${name}` },
      token: await ann.tokenFor('write:repository'),
    });
    const hook = JSON.parse(await sluice('repo', 'webhook', '--provider', 'gitea', '--json'));
    await ann.api('POST', `/repos/ann/${name}/hooks`, {
      ...{ type: 'gitea', active: true },
      events: ['push', 'delete', 'pull_request', 'pull_request_sync'],
      config: { url: hook.url, content_type: 'json', secret: hook.secret },
    });

    const sha = await push(work, 'Second', 'second');
    await eventually(live).toBe(sha);
    expect(await sluice('build', 'log')).toContain('secret [[secure]]');
    expect(await deliveries()).toMatchObject([{ event: 'push', state: 'done' }]);
    await eventually(() => statuses(sha)).toMatchObject({
      ...{ 'sluice/push': 'success', 'sluice/deploy/live': 'success' },
    });
  });

  it('builds a pull request of a fork when it is approved, without secrets, and says so there', async () => {
    await ann.api('PUT', `/repos/ann/${name}/collaborators/eve`, { permission: 'read' });
    await place
      .client()
      .pullRequests.changeSettings(application.uuid, { approve_first: true, previews: true });
    await eve.api('POST', `/repos/ann/${name}/forks`, {});
    fork = await createRepository();
    await fork.git('remote', 'add', 'origin', eve.remote(`eve/${name}`));
    await eventually(() => fork.git('ls-remote', 'origin', 'refs/heads/main')).not.toBe('');
    await fork.git('fetch', '-q', 'origin', 'main');
    await fork.git('checkout', '-q', '-B', 'topic', 'FETCH_HEAD');
    const head = await push(fork, 'From a fork', 'forked');
    await eve.api('POST', `/repos/ann/${name}/pulls`, {
      ...{ head: 'eve:topic', base: 'main', title: 'Forked' },
    });

    await eventually(async () => (await pull())?.build?.state).toBe('awaiting_approval');
    expect(await pull()).toMatchObject({
      ...{ number: 1, title: 'Forked', author: 'eve', provider: 'gitea', mergeability: 'clean' },
      head: { sha: head, is_fork: true, repository: `eve/${name}` },
    });
    await eventually(() => statuses(head)).toMatchObject({ 'sluice/pr': 'pending' });
    await sluice('pr', 'approve', '1');
    await eventually(async () => (await pull())?.build?.state).toBe('passed');
    const log = await sluice('build', 'log');
    expect(log).toContain(`secret [] pull 1 of eve/${name} secure false`);
    await eventually(() => statuses(head)).toMatchObject({ 'sluice/pr': 'success' });
    expect((await pull())?.preview).toBeNull();

    // Its author is known from now on; this one is red.
    const red = await fork.commit('Break it', { broken: 'yes\n' });
    await fork.git('push', '-q', 'origin', 'HEAD');
    await eventually(async () => (await pull())?.build?.state).toBe('failed');
    await eventually(() => statuses(red)).toMatchObject({ 'sluice/pr': 'failure' });
    expect(await ann.api('GET', `/repos/ann/${name}/commits/${red}/status`)).toMatchObject({
      state: 'failure',
    });
  });

  it('is tested again with a base that moved; closed, opened and merged there', async () => {
    await fork.git('rm', '-q', 'broken');
    await push(fork, 'Mend it', 'mended');
    await eventually(async () => (await pull())?.build?.state).toBe('passed');
    const base = await work.commit('Beside', { 'beside.txt': 'beside\n' });
    await work.git('push', '-q', 'origin', 'HEAD');
    await eventually(async () => (await pull())?.base_moved).toBe(true);
    await sluice('pr', 'test', '1');
    await eventually(async () => (await pull())?.build?.state).toBe('passed');
    expect(await pull()).toMatchObject({ base_moved: false, base: { sha: base } });

    const path = `/repos/ann/${name}/pulls/1`;
    await ann.api('PATCH', path, { state: 'closed' });
    await eventually(async () => (await pull())?.state).toBe('closed');
    await ann.api('PATCH', path, { state: 'open' });
    await eventually(async () => (await pull())?.state).toBe('open');
    await ann.api('POST', `${path}/merge`, { Do: 'merge' });
    await eventually(async () => (await pull())?.state).toBe('merged');
    await work.git('fetch', '-q', 'origin', 'main');
    const merged = await work.sha('FETCH_HEAD');
    await eventually(live).toBe(merged);
    expect((await pull())?.merged_sha).toBe(merged);
    await work.git('reset', '-q', '--hard', 'FETCH_HEAD');
  });

  it('is renamed there, and nobody has to do anything', async () => {
    await ann.api('PATCH', `/repos/ann/${name}`, { name: 'store' });
    name = 'store';
    await work.git('remote', 'set-url', 'origin', ann.remote('ann/store'));
    const sha = await push(work, 'Renamed', 'renamed');
    await eventually(live).toBe(sha);
    expect(await sluice('repo', 'show')).toMatch(/Renamed.*ann\/shop\.git/);
    const after = await push(work, 'Under its new name', 'new name');
    await eventually(live).toBe(after);
    expect((await deliveries())[0]).toMatchObject({ event: 'push', state: 'done' });
    await eventually(() => statuses(after)).toMatchObject({ 'sluice/deploy/live': 'success' });
  });

  it('is fetched over ssh with a deploy key that Sluice made', async () => {
    await sluice('repo', 'connect', `ssh://git@127.0.0.1:${gitea.sshPort}/ann/${name}.git`);
    const key = (await sluice('repo', 'key')).trim();
    await ann.api('POST', `/repos/ann/${name}/keys`, { title: 'Sluice', key, read_only: true });
    expect(await sluice('repo', 'fetch')).toBe('Fetched.\n');
    const sha = await push(work, 'Over ssh', 'over ssh');
    await eventually(live).toBe(sha);
  });
});
