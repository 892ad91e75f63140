import { useState } from 'react';
import { useCan, useSession } from '../../api/session.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { peopleText as text } from '../../text/people.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { PageHeader } from '../../ui/layout.tsx';
import { Empty, Note } from '../../ui/notes.tsx';
import { Accounts } from './accounts.tsx';
import { Invitations } from './invitations.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { Members } from './members.tsx';
import { NewOrganisation } from './new-organisation.tsx';

/** Who belongs to an organisation, who is asked in, and for administrators every account there is. */
export function Page() {
  const { organisations, user } = useSession();
  const can = useCan();
  const [chosen, setChosen] = useState<string | null>(null);
  const [asking, setAsking] = useState<'invite' | 'organisation' | null>(null);
  useDocumentState(text.title);
  const organisation = organisations.find(({ uuid }) => uuid === chosen) ?? organisations[0];
  const mayManage = organisation !== undefined && can(organisation.uuid, 'organisation:admin');
  return (
    <>
      <PageHeader
        title={text.title}
        actions={
          <>
            {user.is_admin && (
              <Button onClick={() => setAsking('organisation')}>{text.newOrganisation}</Button>
            )}
            {mayManage && (
              <Button kind="primary" onClick={() => setAsking('invite')}>
                {text.invite}
              </Button>
            )}
          </>
        }
      />
      {organisations.length > 1 && (
        <div className="mb-5 max-w-xs">
          <SelectField
            label={text.organisation}
            value={organisation?.uuid ?? ''}
            onChange={setChosen}
          >
            {organisations.map(({ uuid, name }) => (
              <option key={uuid} value={uuid}>
                {name}
              </option>
            ))}
          </SelectField>
        </div>
      )}
      {organisation === undefined && !user.is_admin && (
        <Empty title={text.noOrganisations}>{text.noOrganisationsText}</Empty>
      )}
      {organisation !== undefined && !mayManage && (
        <div className="mb-5">
          <Note>{text.noRights}</Note>
        </div>
      )}
      {organisation !== undefined && mayManage && (
        <>
          <Members organisation={organisation} />
          <Invitations organisation={organisation} />
        </>
      )}
      {user.is_admin && <Accounts />}
      {asking === 'invite' && organisation !== undefined && (
        <InviteDialog organisation={organisation} onClose={() => setAsking(null)} />
      )}
      {asking === 'organisation' && (
        <NewOrganisation onMade={setChosen} onClose={() => setAsking(null)} />
      )}
    </>
  );
}
