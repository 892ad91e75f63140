import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { isMissing } from '../../api/client.ts';
import { links } from '../../api/people.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { invitationText as text } from '../../text/people.ts';
import { ButtonLink } from '../../ui/button.tsx';
import { ErrorNote, Loading } from '../../ui/notes.tsx';
import { OpenPage } from '../sign-in/open-page.tsx';
import { PasswordForm } from './password-form.tsx';

/** Behind a link that somebody handed over: the invited, or who lost their password, chooses one. */
export function Page() {
  const { token } = useParams({ from: '/invitation/$token' });
  const [usedBy, setUsedBy] = useState<string | null>(null);
  const link = useQuery({
    queryKey: ['link', token],
    queryFn: () => links.open(token),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const title =
    link.data?.kind === 'invitation'
      ? text.invitationTitle(link.data.organisation)
      : text.passwordTitle;
  useDocumentState(title);
  if (usedBy !== null) {
    return (
      <OpenPage title={text.doneTitle}>
        <div role="status" className="flex flex-col gap-4">
          <p className="text-sm">{text.doneText(usedBy)}</p>
          <ButtonLink kind="primary" to="/sign-in">
            {text.toSignIn}
          </ButtonLink>
        </div>
      </OpenPage>
    );
  }
  if (isMissing(link.error)) {
    return (
      <OpenPage title={text.goneTitle}>
        <div className="flex flex-col gap-4 text-sm">
          <p>{text.gone}</p>
          <ButtonLink to="/sign-in">{text.toSignIn}</ButtonLink>
        </div>
      </OpenPage>
    );
  }
  return (
    <OpenPage title={title}>
      <ErrorNote error={link.error} retry={() => void link.refetch()} />
      {link.isPending && <Loading />}
      {link.data && <PasswordForm token={token} link={link.data} onDone={setUsedBy} />}
    </OpenPage>
  );
}
