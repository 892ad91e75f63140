import type { Build } from '@sluice/contract';
import { Link } from '@tanstack/react-router';
import { overview as text } from '../../text/overview.ts';
import { CommitLink } from '../../ui/commit.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Table } from '../../ui/table.tsx';
import { Duration, Time } from '../../ui/time.tsx';

/** Builds of one application, newest first. */
export function BuildTable({ app, builds }: { app: string; builds: readonly Build[] }) {
  return (
    <Table
      caption={text.builds}
      rows={builds}
      rowKey={(build) => build.id}
      columns={[
        {
          title: text.columns.build,
          cell: ({ id, number }) => (
            <Link
              to="/builds/$build"
              params={{ build: String(id) }}
              className="whitespace-nowrap text-accent underline underline-offset-2"
            >
              #{number}
            </Link>
          ),
        },
        { title: text.columns.state, cell: ({ state }) => <StateBadge state={state} /> },
        {
          title: text.columns.commit,
          cell: ({ sha, message }) => (
            <span className="break-words">
              <CommitLink app={app} sha={sha} /> {message.split('\n', 1)[0]}
            </span>
          ),
        },
        { title: text.columns.branch, wide: true, cell: ({ tag, branch }) => tag ?? branch },
        {
          title: text.columns.duration,
          wide: true,
          cell: ({ started_at, finished_at }) =>
            started_at === null ? null : <Duration from={started_at} to={finished_at} />,
        },
        {
          title: text.columns.started,
          wide: true,
          cell: ({ created_at }) => <Time at={created_at} />,
        },
      ]}
    />
  );
}
