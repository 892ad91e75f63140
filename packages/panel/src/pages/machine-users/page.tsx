import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { accountsQuery } from '../../api/people.ts';
import { useSession } from '../../api/session.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { machineText as text } from '../../text/people.ts';
import { Button } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/layout.tsx';
import { Empty, ErrorNote, Loading, Note } from '../../ui/notes.tsx';
import { Machine } from './machine.tsx';
import { NewMachine } from './new-machine.tsx';

/** Accounts for programs, and what opens them. */
export function Page() {
  const { user } = useSession();
  useDocumentState(text.title);
  return user.is_admin ? (
    <Machines />
  ) : (
    <>
      <PageHeader title={text.title} meta={text.intro} />
      <Note>{text.onlyAdmins}</Note>
    </>
  );
}

function Machines() {
  const machines = useQuery(accountsQuery(true));
  const [isMaking, setMaking] = useState(false);
  const all = machines.data?.results ?? [];
  const create = (
    <Button kind="primary" onClick={() => setMaking(true)}>
      {text.create}
    </Button>
  );
  return (
    <>
      <PageHeader title={text.title} meta={text.intro} actions={all.length > 0 && create} />
      <ErrorNote error={machines.error} retry={() => void machines.refetch()} />
      {machines.isPending && <Loading />}
      {machines.data !== undefined && all.length === 0 && (
        <Empty title={text.empty} action={create}>
          {text.emptyText}
        </Empty>
      )}
      {all.map((machine) => (
        <Machine key={machine.uuid} machine={machine} />
      ))}
      {isMaking && <NewMachine onClose={() => setMaking(false)} />}
    </>
  );
}
