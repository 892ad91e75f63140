import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApplicationKit, createApplicationKit } from './test/application-kit.ts';

let kit: ApplicationKit;
beforeAll(async () => {
  kit = await createApplicationKit();
  await kit.startRunner();
});
afterAll(() => kit.stop());

/** A job's end, with what it has left. */
const build = async (yaml: string) => {
  const sha = await kit.push(yaml);
  const ended = await kit.ended(sha);
  const client = kit.server.client(kit.server.admin.token);
  const { results } = await client.builds.list({ sha });
  const detail = await client.builds.get(results[0]?.id ?? 0);
  const job = detail.jobs[0]?.id ?? 0;
  const artifacts = (await client.artifacts.list(job)).results;
  const answer = (path: string, view = false) => {
    const id = artifacts.find((one) => one.path === path)?.id;
    return fetch(`${kit.server.url}/ci/v3/jobs/${job}/artifacts/${id}/${view ? '?view=1' : ''}`, {
      headers: { authorization: `Token ${kit.server.admin.token}` },
    });
  };
  return { ...ended, job, artifacts, paths: artifacts.map(({ path }) => path), answer };
};

test('files are kept by patterns, directories and commands, whatever the test came to', async () => {
  const {
    build: made,
    log,
    paths,
    answer,
  } = await build(`
addons:
  artifacts:
    paths:
      - out
      - "*.log:nothing-here"
      - $(ls deep/**/*.txt 2>/dev/null; find . -name 'found me.txt')
      - $HOME/elsewhere.dat
    bucket: ignored
    debug: true
script:
  - mkdir -p out/sub deep/er; echo one >out/one.txt; echo two >"out/sub/with blank.txt"; ln -s /etc/passwd out/passwd
  - echo log >a.log; echo d >"deep/er/found me.txt"; head -c 100000 /dev/urandom >$HOME/elsewhere.dat
  - "false"
after_failure: echo late >out/after.txt
`);
  expect(made.state).toBe('failed');
  expect(paths.filter((path) => !path.endsWith('elsewhere.dat'))).toEqual([
    ...['a.log', 'deep/er/found me.txt', 'out/after.txt', 'out/one.txt', 'out/sub/with blank.txt'],
  ]);
  expect(paths.some((path) => path.endsWith('elsewhere.dat') && !path.startsWith('/'))).toBe(true);
  expect(log).toContain('Sluice keeps artifacts itself; these have no effect: bucket, debug.');
  expect(log).toContain('Kept 6 artifacts');
  expect(log).not.toContain('Addons that have no effect');
  expect(await (await answer('out/sub/with blank.txt')).text()).toBe('two\n');
}, 120_000);

test('true keeps what git does not know; nothing is said where nothing is asked for', async () => {
  const all = await build('addons: {artifacts: true}\nscript: echo new >new.txt\n');
  expect(all.build.state).toBe('passed');
  expect(all.paths).toEqual(['new.txt']);
  const none = await build('script: echo new >new.txt\n');
  expect(none.paths).toEqual([]);
  expect(none.log).not.toContain('artifact');
  const empty = await build(
    'addons: {artifacts: {paths: [nowhere], working_dir: "$HOME/none"}}\nscript: set -eu\n',
  );
  expect(empty.build.state).toBe('passed');
  expect(empty.log).toContain('There are no artifacts: no file matches nowhere');
}, 120_000);

test('limits end the keeping, not the job', async () => {
  const {
    build: made,
    log,
    paths,
  } = await build(`
addons: {artifacts: {paths: [big, many]}}
script:
  - mkdir many; for i in $(seq 30); do echo $i >many/$i; done
  - head -c 3000001 /dev/zero >big
`);
  expect(made.state).toBe('passed');
  expect(paths).toHaveLength(20);
  expect(log).toContain('big is not kept: it is larger than 3000000 bytes, the limit');
  expect(log).toContain('No more artifacts are kept: A job keeps at most 20 files.');
  expect(log).toContain('10 files are not kept.');
}, 120_000);

test('what is stored cannot act in the panel’s origin', async () => {
  const { answer, artifacts } = await build(`
addons: {artifacts: {paths: [out]}}
script:
  - mkdir out; for name in page.html picture.svg picture.png binary.exe; do echo '<script>alert(1)</script>' >out/$name; done
`);
  expect(artifacts.map(({ viewable }) => viewable)).toEqual([false, true, true, true]);
  for (const { path } of artifacts) {
    for (const view of [false, true]) {
      const { headers, body } = await answer(path, view);
      await body?.cancel();
      expect(headers.get('content-security-policy'), path).toMatch(/default-src 'none'.*sandbox/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-type')).toMatch(
        view && path !== 'out/binary.exe'
          ? /^(text\/plain; charset=utf-8|image\/png)$/
          : /^application\/octet-stream$/,
      );
      const disposition = headers.get('content-disposition') ?? '';
      expect(disposition.startsWith('inline')).toBe(view && path !== 'out/binary.exe');
    }
  }
}, 120_000);
