import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { buildsQuery } from '../../api/builds.ts';
import { applicationKey, useApplication } from '../../api/overview.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { overview as text } from '../../text/overview.ts';
import { stateText } from '../../text/states.ts';
import { SelectField } from '../../ui/field.tsx';
import { Empty, ErrorNote, Loading } from '../../ui/notes.tsx';
import { Pages } from '../../ui/pages.tsx';
import { BuildTable } from './build-table.tsx';

const PAGE_SIZE = 25;
const STATES = ['created', 'started', 'passed', 'failed', 'errored', 'canceled'] as const;

/** All builds of an application, newest first. */
export function Page() {
  const application = useApplication();
  const [page, setPage] = useState(1);
  const [state, setState] = useState('');
  const builds = useQuery({
    ...buildsQuery(application.uuid, {
      page,
      pageSize: PAGE_SIZE,
      ...(state === '' ? {} : { state }),
    }),
    placeholderData: keepPreviousData,
  });
  useDocumentState(`${text.builds} · ${application.name}`, application.builds[0]?.state);
  const { data } = builds;
  return (
    <>
      <div className="mb-4 max-w-48">
        <SelectField
          label={text.stateFilter}
          value={state}
          onChange={(chosen) => {
            setState(chosen);
            setPage(1);
          }}
        >
          <option value="">{text.allStates}</option>
          {STATES.map((one) => (
            <option key={one} value={one}>
              {stateText(one).label}
            </option>
          ))}
        </SelectField>
      </div>
      <ErrorNote error={builds.error} retry={() => void builds.refetch()} />
      {builds.isPending && <Loading lines={8} />}
      {data?.count === 0 && <Empty title={text.noBuilds}>{text.noBuildsText}</Empty>}
      {data !== undefined && data.count > 0 && (
        <>
          <BuildTable app={applicationKey(application)} builds={data.results} />
          <Pages page={page} size={PAGE_SIZE} count={data.count} onPage={setPage} />
        </>
      )}
    </>
  );
}
