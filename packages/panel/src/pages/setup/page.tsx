import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { setupText } from '../../text/sign-in.ts';
import { ButtonLink } from '../../ui/button.tsx';
import { CopyBlock } from '../../ui/copy.tsx';
import { ErrorNote, Loading } from '../../ui/notes.tsx';
import { OpenPage } from '../sign-in/open-page.tsx';
import { SetupForm } from './setup-form.tsx';

/** The first administrator, made by whoever can read the server's console. */
export function Page() {
  useDocumentState(setupText.documentTitle);
  const { token } = useParams({ from: '/setup/$token' });
  const state = useQuery({
    queryKey: ['setup', token],
    queryFn: () => api.setup.state(token),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (state.isError) {
    return (
      <OpenPage title={setupText.title}>
        <ErrorNote error={state.error} retry={() => void state.refetch()} />
      </OpenPage>
    );
  }
  if (state.data === undefined) {
    return (
      <OpenPage title={setupText.title}>
        <Loading />
      </OpenPage>
    );
  }
  if (!state.data.open) {
    return (
      <OpenPage title={setupText.goneTitle}>
        <div className="flex flex-col gap-4 text-sm">
          <p>{setupText.gone}</p>
          <CopyBlock
            label={setupText.onTheServer}
            text="sluice admin create-user --email you@example.com"
          />
          <ButtonLink to="/sign-in">{setupText.toSignIn}</ButtonLink>
        </div>
      </OpenPage>
    );
  }
  return (
    <OpenPage title={setupText.title}>
      <SetupForm token={token} />
    </OpenPage>
  );
}
