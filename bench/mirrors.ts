/**
 * A mirror of a repository with 100,000 commits over http: the first fetch, the fetch of one new commit, and questions
 * about ancestry; beside plain git doing the same.
 *
 *   node bench/mirrors.ts [--commits 100000] [--json FILE]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createOutsideHost, growHistory, repositoryAt, runGit } from '@sluice/testing';
import { startGitServer } from '../packages/server/test/git-server.ts';
import { publish } from './lib.ts';

const at = process.argv.indexOf('--commits');
const commits = at < 0 ? 100_000 : Number(process.argv[at + 1]);
const QUESTIONS = 200;

const base = await mkdtemp(join(tmpdir(), 'sluice-bench-mirrors-'));
const host = await createOutsideHost();
const server = await startGitServer(join(base, 'data'), {
  mirrors: { localNetworks: true, protocols: ['http'], pollMs: 0 },
});
const { url, work } = await host.create('team/large');
try {
  const bare = repositoryAt(await work.git('remote', 'get-url', 'origin'));
  await growHistory(bare, 'main', commits, 10);
  const { uuid } = await server.store.transaction((trx) =>
    server.git.createMirror(trx, {
      ...{ organisationUuid: 'organisation', slug: 'default/large', url },
    }),
  );
  const { user: username, password } = host;
  await server.git.mirrors.setCredentials(uuid, { username, password });

  const open = new URL(url);
  [open.username, open.password] = [username, encodeURIComponent(password)];
  const clone = join(base, 'clone.git');
  const git = async (...args: string[]) => {
    const outcome = await runGit(base, args);
    if (outcome.status !== 0) throw new Error(outcome.stderr);
  };
  const timed = async (run: () => Promise<unknown>) => {
    const begun = performance.now();
    await run();
    return (performance.now() - begun) / 1_000;
  };

  const plainFirst = await timed(() => git('clone', '-q', '--mirror', open.href, clone));
  const first = await timed(() => server.git.fetch(uuid));
  await growHistory(bare, 'main', 1);
  const plainNext = await timed(() => git(`--git-dir=${clone}`, 'fetch', '-q'));
  const next = await timed(() => server.git.fetch(uuid));

  const history = server.git.history(uuid);
  const head = (await history.head('main')) ?? '';
  const line = await history.commitsBetween(null, head, commits);
  // Spread over the whole history, each asked once: a cache of answers is of no use.
  const asked = Array.from(
    { length: QUESTIONS },
    (_, index) => line[Math.floor(((index + 1) * (line.length - 1)) / QUESTIONS)] ?? head,
  );
  const rate = async (ask: (sha: string) => Promise<unknown>) => {
    const spent = await timed(async () => {
      for (const sha of asked) await ask(sha);
    });
    return QUESTIONS / spent;
  };
  const plainAncestry = await rate((sha) =>
    git(`--git-dir=${clone}`, 'merge-base', '--is-ancestor', sha, head),
  );
  // Where a commit came onto the branch is the oldest of these, which plain git leaves to its caller to pick.
  const plainMerged = await rate((sha) =>
    git(`--git-dir=${clone}`, 'rev-list', '--first-parent', '--ancestry-path', `${sha}..${head}`),
  );
  const ancestry = await rate((sha) => history.isAncestor(sha, head));
  const merged = await rate((sha) => history.mergedAt(sha, 'main'));

  await publish(
    {
      title: `A mirror of ${commits.toLocaleString('en-US')} commits`,
      reference: 'plain git',
      columns: [
        { key: 'firstSeconds', title: 'first fetch', unit: 's', better: 'lower' },
        { key: 'nextSeconds', title: 'one new commit', unit: 's', better: 'lower' },
        { key: 'ancestry', title: 'is ancestor', unit: '1/s', better: 'higher' },
        { key: 'mergedAt', title: 'merged at', unit: '1/s', better: 'higher' },
      ],
      rows: [
        {
          name: 'plain git',
          figures: {
            ...{ firstSeconds: plainFirst, nextSeconds: plainNext },
            ...{ ancestry: plainAncestry, mergedAt: plainMerged },
          },
        },
        {
          name: 'sluice',
          figures: { firstSeconds: first, nextSeconds: next, ancestry, mergedAt: merged },
        },
      ],
      skipped: [],
      conditions: { commits, questions: QUESTIONS },
    },
    process.argv.slice(2),
  );
} finally {
  await server.stop();
  await host.close();
  await work.remove();
  await rm(base, { recursive: true, force: true });
}
