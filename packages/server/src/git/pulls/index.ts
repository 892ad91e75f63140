import { type MoveDeps, moveBranch } from '../move-branch.ts';
import { readCommit } from '../objects.ts';
import { pullDiff } from './diff.ts';
import { mergePull } from './merge.ts';
import { mergeTree } from './merge-tree.ts';
import type { PullGit } from './types.ts';

export interface PullGitDeps extends MoveDeps {
  /** As after a push: records what could not be recorded at once. */
  readonly settle: (repositoryUuid: string) => Promise<void>;
}

/** Pull requests as git sees them: two commits and what their merge would be. */
export function createPullGit(deps: PullGitDeps): PullGit {
  const { git } = deps;
  const refs = (number: number) => ({
    head: `refs/pull/${number}/head`,
    merge: `refs/pull/${number}/merge`,
  });

  return {
    prepare: async (repositoryUuid, { number, base, head }) => {
      const repository = deps.path(repositoryUuid);
      await git.run(['update-ref', refs(number).head, head], { repository });
      const { status } = await git.run(['merge-base', '--is-ancestor', head, base], {
        repository,
        statuses: [0, 1],
      });
      if (status === 0) return { kind: 'merged' };
      const result = await mergeTree(git, repository, base, head);
      if (result.kind !== 'clean') {
        await git.run(['update-ref', '-d', refs(number).merge], { repository });
        return result;
      }
      const sha = await resultCommit(deps, repository, { ...result, base, head });
      await git.run(['update-ref', refs(number).merge, sha], { repository });
      return { kind: 'clean', sha };
    },
    merge: async (repositoryUuid, merge) => {
      try {
        return await mergePull(deps, repositoryUuid, merge);
      } finally {
        await deps.settle(repositoryUuid);
      }
    },
    deleteBranch: async (repositoryUuid, { name, head, pusherUuid }) => {
      try {
        const move = { branch: name, from: head, to: null, pusherUuid };
        await moveBranch(deps, { repositoryUuid, ...move });
      } finally {
        await deps.settle(repositoryUuid);
      }
    },
    diff: (repositoryUuid, base, head) => pullDiff(git, deps.path(repositoryUuid), base, head),
    drop: async (repositoryUuid, number) => {
      await git.run(['update-ref', '-d', refs(number).merge], {
        repository: deps.path(repositoryUuid),
      });
    },
  };
}

/** Dated as the newer of its parents: made again, it is the same commit and needs no second build. */
async function resultCommit(
  { git }: MoveDeps,
  repository: string,
  { tree, base, head }: { tree: string; base: string; head: string },
): Promise<string> {
  const times = await Promise.all(
    [base, head].map(async (sha) => (await readCommit(git, repository, sha))?.committedAt ?? ''),
  );
  const date = times.reduce((a, b) => (Date.parse(b) > Date.parse(a) ? b : a));
  return git.text(['commit-tree', tree, '-p', base, '-p', head, '-F', '-'], {
    repository,
    input: `Merge ${head} into ${base}\n`,
    env: {
      GIT_AUTHOR_NAME: 'Sluice',
      GIT_AUTHOR_EMAIL: 'sluice@localhost',
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
    },
  });
}
