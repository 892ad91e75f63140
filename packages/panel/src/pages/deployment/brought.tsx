import type { CommitLine, DeploymentStory } from '@sluice/contract';
import { running as text } from '../../text/running.ts';
import { CommitLink, shortSha } from '../../ui/commit.tsx';
import { Time } from '../../ui/time.tsx';

/** The commits that become live by a deployment, and those that are no longer. */
export function Brought({
  app,
  story,
  isHere,
}: {
  app: string | null;
  story: DeploymentStory;
  /** False while the commit is awaited. */
  isHere: boolean;
}) {
  const { commits, removed, previous } = story;
  if (!isHere || story.commit === null) {
    return <p className="text-sm text-muted">{text.notHere}</p>;
  }
  const isFirst = previous === null && story.commits.length > 0;
  return (
    <div className="flex flex-col gap-3 text-sm">
      {isFirst && <p className="text-muted">{text.firstDeployment}</p>}
      {previous !== null && (
        <p className="text-muted">
          {text.comparedWith(previous.subject)} <Sha app={app} sha={previous.sha} />
        </p>
      )}
      {commits.length === 0 && removed.length === 0 && story.commits_complete && (
        <p className="text-muted">{text.noCommits}</p>
      )}
      <Commits app={app} commits={commits} />
      {removed.length > 0 && (
        <>
          {commits.length > 0 && <h3 className="font-medium">{text.commitsRemoved}</h3>}
          <p className="text-muted">{text.removedExplanation}</p>
          <Commits app={app} commits={removed} />
        </>
      )}
      {!story.commits_complete && <p className="text-muted">{text.moreCommits}</p>}
    </div>
  );
}

function Commits({ app, commits }: { app: string | null; commits: readonly CommitLine[] }) {
  if (commits.length === 0) return null;
  return (
    <ul className="flex flex-col">
      {commits.map((commit) => (
        <li
          key={commit.sha}
          className="flex flex-wrap items-baseline gap-x-3 border-b border-line py-1.5 last:border-0"
        >
          <Sha app={app} sha={commit.sha} />
          <span className="min-w-0 flex-1 break-words">{commit.subject}</span>
          <span className="text-xs text-muted">
            {commit.author}, <Time at={commit.committed_at} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function Sha({ app, sha }: { app: string | null; sha: string }) {
  if (app === null) return <code className="font-mono text-xs">{shortSha(sha)}</code>;
  return <CommitLink app={app} sha={sha} />;
}
