import { useSuspenseQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { overviewQuery } from '../../api/overview.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { overview as text } from '../../text/overview.ts';
import { stateText } from '../../text/states.ts';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { PageHeader } from '../../ui/layout.tsx';
import { Empty } from '../../ui/notes.tsx';
import { ApplicationCard } from './application-card.tsx';
import { environmentState, matches, worstState } from './attention.ts';

/** With fewer, everything is seen at a glance. */
const FILTER_FROM = 4;

const toneOf = (state: string) => stateText(state).tone;
const labelOf = (state: string) => stateText(state).label;

/** Every application that one can see: what is live, what moves, what failed and why. */
export function Page() {
  const { applications } = useSuspenseQuery(overviewQuery).data;
  const [filter, setFilter] = useState('');
  const wanted = useDeferredValue(filter.trim());
  const states = applications.flatMap(({ environments }) => environments.map(environmentState));
  useDocumentState(text.title, worstState(states, toneOf));

  const create = (
    <ButtonLink to="/applications/new" kind="primary">
      <Plus aria-hidden className="size-4" />
      {text.newApplication}
    </ButtonLink>
  );
  if (applications.length === 0) {
    return (
      <>
        <PageHeader title={text.title} />
        <Empty title={text.emptyTitle} action={create}>
          {text.emptyText}
        </Empty>
      </>
    );
  }
  const shown =
    wanted === ''
      ? applications
      : applications.filter((application) => matches(application, wanted, labelOf));
  return (
    <>
      <PageHeader title={text.title} actions={create} />
      {applications.length >= FILTER_FROM && (
        <div className="mb-4 max-w-md">
          <TextField
            type="search"
            label={text.filter}
            hint={text.filterHint}
            value={filter}
            onChange={setFilter}
          />
        </div>
      )}
      <div className="flex flex-col gap-4">
        {shown.map((application) => (
          <ApplicationCard key={application.uuid} application={application} />
        ))}
        {shown.length === 0 && (
          <Empty
            title={text.noMatch(wanted)}
            action={<Button onClick={() => setFilter('')}>{text.clearFilter}</Button>}
          />
        )}
      </div>
    </>
  );
}
