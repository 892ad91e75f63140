import type { CommitFate } from '@sluice/contract';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { commitsQuery } from '../../api/commits.ts';
import { applicationKey, useApplication } from '../../api/overview.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { overview as text } from '../../text/overview.ts';
import { Button } from '../../ui/button.tsx';
import { CommitLink } from '../../ui/commit.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Empty, ErrorNote, Loading } from '../../ui/notes.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';

/** The commits of a branch with their fate: tested or not, and what became of each in each environment. */
export function Page() {
  const application = useApplication();
  const app = applicationKey(application);
  const [branch, setBranch] = useState('');
  const commits = useInfiniteQuery({
    ...commitsQuery(application.uuid, branch),
    placeholderData: keepPreviousData,
  });
  useDocumentState(`${text.commits} · ${application.name}`);
  if (commits.isPending) return <Loading lines={8} />;
  if (commits.isError) {
    return <ErrorNote error={commits.error} retry={() => void commits.refetch()} />;
  }
  const { pages } = commits.data;
  const [first] = pages;
  const rows = pages.flatMap((page) => page.commits);
  const slugs = application.environments.map(({ slug }) => slug);
  return (
    <>
      {first !== undefined && first.branches.length > 0 && (
        <div className="mb-4 max-w-64">
          <SelectField label={text.commitsOf} value={first.branch} onChange={setBranch}>
            {[...new Set([first.branch, ...first.branches])].map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </SelectField>
        </div>
      )}
      {rows.length === 0 ? (
        <Empty title={text.noCommits}>{text.noCommitsText}</Empty>
      ) : (
        <Table
          caption={text.commits}
          rows={rows}
          rowKey={({ sha }) => sha}
          columns={[
            { title: text.commit, cell: (commit) => <Commit app={app} commit={commit} /> },
            { title: text.columns.build, cell: (commit) => <Tested commit={commit} /> },
            ...slugs.map((slug) => ({
              title: slug,
              cell: (commit: CommitFate) => <Fate app={app} commit={commit} slug={slug} />,
            })),
          ]}
        />
      )}
      {commits.hasNextPage && (
        <div className="mt-4 flex justify-center">
          <Button busy={commits.isFetchingNextPage} onClick={() => void commits.fetchNextPage()}>
            {text.older}
          </Button>
        </div>
      )}
    </>
  );
}

function Commit({ app, commit }: { app: string; commit: CommitFate }) {
  return (
    <div className="min-w-48">
      <p className="break-words">{commit.subject}</p>
      <p className="flex flex-wrap gap-x-2 text-xs text-muted">
        <CommitLink app={app} sha={commit.sha} />
        <span>{commit.author}</span>
        <Time at={commit.committed_at} />
      </p>
    </div>
  );
}

function Tested({ commit: { build } }: { commit: CommitFate }) {
  if (build === null) return <span className="text-xs text-muted">{text.notBuilt}</span>;
  const badge = <StateBadge state={build.state} />;
  if (build.id === null) return badge;
  return (
    <Link to="/builds/$build" params={{ build: String(build.id) }}>
      {badge}
    </Link>
  );
}

/** What became of it in one environment: leads to the deployment that tells, else to the whole story. */
function Fate({ app, commit, slug }: { app: string; commit: CommitFate; slug: string }) {
  const fate = commit.environments.find((one) => one.slug === slug);
  if (fate === undefined) return null;
  const badge = (
    <span title={fate.reason ?? undefined}>
      <StateBadge state={fate.state} />
    </span>
  );
  return fate.deployment === null ? (
    <Link to="/applications/$app/commits/$sha" params={{ app, sha: commit.sha }}>
      {badge}
    </Link>
  ) : (
    <Link to="/deployments/$deployment" params={{ deployment: fate.deployment }}>
      {badge}
    </Link>
  );
}
