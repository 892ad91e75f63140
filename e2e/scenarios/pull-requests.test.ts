import { cloneRepository } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlace, fetchPage, type Place, type Site, webApplication } from '../support/site.ts';

/** Under load a second, the default, is not long. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 90_000 });

/** A small team without any forge: a branch is pushed, reviewed, tested, shown, squashed and live. */
let place: Place;
let site: Site;
beforeAll(async () => {
  place = await createPlace({ flags: ['--runner-concurrency', '2'] });
  site = await place.createApplication('team');
});
afterAll(() => place?.destroy());

const TRAVIS = `language: generic
script:
  - echo "pull $TRAVIS_PULL_REQUEST of $TRAVIS_PULL_REQUEST_BRANCH into $TRAVIS_BRANCH, $TRAVIS_EVENT_TYPE"
  - test -z "$(git ls-files --unmerged)" && test ! -e broken
deploy:
  provider: sluice
  environment: live
`;
const GREETING = `"page " + os.environ.get('GREETING', 'none') + " " + os.environ.get('ONLY_LIVE', 'none')`;

/** A page that says its variables. */
function page(text: string): Record<string, string> {
  const files = webApplication('PAGE', `PAGE = ${JSON.stringify(text)} + ": " + ${GREETING}`);
  return {
    ...(files as Record<string, string>),
    'app.py': String(files['app.py']).replace('"PAGE".encode()', 'PAGE.encode()'),
    '.travis.yml': TRAVIS,
  };
}

async function must(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await site.sluice(...words);
  if (code !== 0) throw new Error(`sluice ${words.join(' ')} exited ${code}: ${stdout}${stderr}`);
  return stdout;
}

interface Shown {
  readonly state: string;
  readonly head: { readonly sha: string };
  readonly build: { readonly state: string } | null;
  readonly preview: { readonly url: string } | null;
  readonly merged_sha: string | null;
  readonly comments: readonly { readonly author: string; readonly body: string }[];
}
const show = async (number: number): Promise<Shown> =>
  JSON.parse(await must('pr', 'show', String(number), '--json'));

const shown = async (number: number, accept: (pull: Shown) => boolean): Promise<Shown> => {
  for (const end = Date.now() + 90_000; ; ) {
    const pull = await show(number);
    if (accept(pull)) return pull;
    if (Date.now() > end) {
      throw new Error(`${JSON.stringify(pull)}\n${place.installation.output().slice(-3_000)}`);
    }
    await new Promise((done) => setTimeout(done, 200));
  }
};

const bodyAt = async (url: string | undefined) => (await fetchPage(new URL(url ?? ''))).body;

it('goes from a branch to live, and its preview comes and goes', async () => {
  await must('ci', 'enable');
  const first = await site.push('first', page('first'));
  await site.until(first, 'live', (state) => state === 'live');
  const client = place.client();
  const { uuid } = site.application;
  await client.pullRequests.changeSettings(uuid, { previews: true, delete_branch: true });
  const path = `/apps/v3/applications/${uuid}/preview-variables/GREETING/`;
  await client.send('PUT', path, { body: { value: 'preview' } });
  await client.variables.create({
    ...{ environment: site.environment('live').uuid, name: 'ONLY_LIVE', value: 'of-live' },
  });

  await site.repository.branch('topic');
  const head = await site.push('Say second', page('second'));
  expect(await must('pr', 'create', '--description', 'Since first is old.')).toContain('#1');
  const built = await shown(1, ({ preview }) => preview !== null);
  expect(built).toMatchObject({ state: 'open', build: { state: 'passed' }, head: { sha: head } });
  const url = built.preview?.url;
  expect(url).toContain('//pr-1-team.');
  await eventually(() => bodyAt(url)).toBe('second: page preview none');
  const log = await site.sluice('build', 'log');
  expect(log.stdout).toContain('pull 1 of topic into main, pull_request');
  expect(log.stdout).toContain('Skipping deployment: this is the build of a pull request');

  await site.push('Say third', page('third'));
  await eventually(() => bodyAt(url)).toBe('third: page preview none');

  expect(await must('pr', 'diff', '1')).toContain('+++ app.py');
  expect(await must('pr', 'list')).toMatch(/#1\s+open\s+passed\s+topic/);
  const clone = await cloneRepository(await site.repository.git('remote', 'get-url', 'origin'));
  const checkout = await place.installation.sluice(['pr', 'checkout', '1'], { cwd: clone.path });
  expect(checkout).toMatchObject({ code: 0 });
  expect(await clone.git('log', '-1', '--format=%s')).toBe('Say third');
  await clone.remove();

  expect(await must('pr', 'merge', '1', '--squash')).toContain('is merged by admin@example.com');
  const merged = await show(1);
  const squash = merged.merged_sha ?? '';
  await site.until(squash, 'live', (state) => state === 'live');
  expect(await site.page('live')).toMatchObject({ commit: squash, body: /^third: page none of/ });
  await eventually(async () => (await show(1)).preview).toBeNull();
  await eventually(() => bodyAt(url)).not.toContain('third');
  // Its author is told which deployment carried it.
  await shown(1, ({ comments }) =>
    comments.some(
      ({ author, body }) => author === 'Sluice' && body.startsWith('Live in live with'),
    ),
  );
  const branches = await site.repository.git('ls-remote', '--heads', 'origin');
  expect(branches).not.toContain('refs/heads/topic');
});

it('is not merged while it conflicts or is red, and says why', async () => {
  await site.repository.git('fetch', '-q', 'origin', 'main');
  await site.repository.git('checkout', '-q', '-B', 'main', 'FETCH_HEAD');
  await site.repository.branch('red');
  await site.push('Break it', { broken: 'yes\n' });
  await must('pr', 'create', '--title', 'A red one');
  await shown(2, ({ build }) => build?.state === 'failed');
  const refused = await site.sluice('pr', 'merge', '2');
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain('Its build failed');
  expect((await show(2)).preview).toBeNull();

  await site.repository.checkout('main');
  await site.push('Meanwhile', { broken: 'no\n' });
  await eventually(async () => (await site.sluice('pr', 'show', '2')).stdout).toContain(
    'both sides changed broken',
  );
  const conflict = await site.sluice('pr', 'merge', '2', '--when-green');
  expect(conflict.code).toBe(1);
  expect(conflict.stderr).toContain('Both sides changed broken');
  expect(await must('pr', 'close', '2')).toContain('is closed');
});
