import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { runnersQuery } from '../../api/runners.ts';
import { useSession } from '../../api/session.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { runnersText as text } from '../../text/runners.ts';
import { Button } from '../../ui/button.tsx';
import { PageHeader, Section } from '../../ui/layout.tsx';
import { Empty, ErrorNote, Loading, Note } from '../../ui/notes.tsx';
import { AddRunner } from './add-runner.tsx';
import { RunnerTable } from './runner-table.tsx';

/** The machines that run jobs. */
export function Page() {
  const { user } = useSession();
  useDocumentState(text.title);
  return user.is_admin ? (
    <Runners />
  ) : (
    <>
      <PageHeader title={text.title} meta={text.intro} />
      <Note>{text.onlyAdmins}</Note>
    </>
  );
}

function Runners() {
  const runners = useQuery(runnersQuery);
  const [isAdding, setAdding] = useState(false);
  const all = runners.data?.results;
  const add = (
    <Button kind="primary" onClick={() => setAdding(true)}>
      {text.add}
    </Button>
  );
  return (
    <>
      <PageHeader title={text.title} meta={text.intro} actions={all?.length !== 0 && add} />
      <ErrorNote error={runners.error} retry={() => void runners.refetch()} />
      {runners.isPending && <Loading />}
      {all?.length === 0 && (
        <Empty title={text.empty} action={add}>
          {text.emptyText}
        </Empty>
      )}
      {all !== undefined && all.length > 0 && (
        <Section title={text.all}>
          <RunnerTable runners={all} />
        </Section>
      )}
      {isAdding && <AddRunner onClose={() => setAdding(false)} />}
    </>
  );
}
