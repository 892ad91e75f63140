import type { PullRequest } from '@sluice/contract';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { applicationKey, useApplication } from '../../api/overview.ts';
import { pullsQuery } from '../../api/pulls.ts';
import { useCan } from '../../api/session.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { pulls as text } from '../../text/pulls.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { TextLink } from '../../ui/link.tsx';
import { Empty, ErrorNote, Loading } from '../../ui/notes.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { OpenDialog } from './open-dialog.tsx';

/** The pull requests of an application. */
export function Page() {
  const application = useApplication();
  const [state, setState] = useState('open');
  const [isOpening, setOpening] = useState(false);
  const found = useQuery({
    ...pullsQuery(application.uuid, state),
    placeholderData: keepPreviousData,
  });
  useDocumentState(`${text.title} · ${application.name}`);
  const app = applicationKey(application);
  const columns: readonly Column<PullRequest>[] = [
    { title: text.number, cell: (pull) => `#${pull.number}` },
    {
      title: text.what,
      cell: (pull) => (
        <TextLink
          to="/applications/$app/pulls/$number"
          params={{ app, number: String(pull.number) }}
        >
          {pull.title}
        </TextLink>
      ),
    },
    { title: text.state, cell: (pull) => <StateBadge state={pull.draft ? 'draft' : pull.state} /> },
    {
      title: text.build,
      cell: ({ build }) => (build === null ? text.noBuild : <StateBadge state={build.state} />),
    },
    { title: text.branch, wide: true, cell: ({ head, base }) => text.into(head.ref, base.ref) },
    { title: text.author, wide: true, cell: ({ author }) => author },
    { title: text.updated, wide: true, cell: ({ updated_at }) => <Time at={updated_at} /> },
  ];
  const { data } = found;
  const open = useCan()(application.organisation, 'repository:push') && (
    <Button kind="primary" onClick={() => setOpening(true)}>
      {text.openTitle}
    </Button>
  );
  return (
    <>
      <div className="mb-4 flex flex-wrap items-end justify-between gap-3">
        <SelectField label={text.filter} value={state} onChange={setState}>
          {Object.entries(text.states).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
          <option value="">{text.all}</option>
        </SelectField>
        {open}
      </div>
      <ErrorNote error={found.error} retry={() => void found.refetch()} />
      {found.isPending && <Loading lines={6} />}
      {data?.count === 0 && <Empty title={text.none}>{text.noneText}</Empty>}
      {isOpening && (
        <OpenDialog application={application.uuid} app={app} onClose={() => setOpening(false)} />
      )}
      {data !== undefined && data.count > 0 && (
        <Table
          caption={text.title}
          columns={columns}
          rows={data.results}
          rowKey={(pull) => pull.uuid}
        />
      )}
    </>
  );
}
