import type { Session } from '@sluice/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { sessionQuery } from '../../api/session.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { signInText } from '../../text/sign-in.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';
import { CodeForm } from './code-form.tsx';
import { nextPath } from './next-path.ts';
import { OpenPage } from './open-page.tsx';
import { PasskeyButton } from './passkey-button.tsx';
import { PasswordForm } from './password-form.tsx';

export function Page() {
  const search = useSearch({ from: '/sign-in' });
  const router = useRouter();
  const queryClient = useQueryClient();
  const session = useQuery(sessionQuery);
  const isCodeMissing = search.second_factor === 'oidc';
  useDocumentState(isCodeMissing ? signInText.codeTitle : signInText.title);

  const next = nextPath(search.next);
  const isSignedIn = Boolean(session.data);
  useEffect(() => {
    if (isSignedIn) router.history.replace(next);
  }, [isSignedIn, next, router]);

  // The page goes on by itself once there is a session.
  const done = (made: Session) => queryClient.setQueryData(keys.session(), made);
  return isCodeMissing ? (
    <OpenPage title={signInText.codeTitle}>
      <ProviderCode onDone={done} onCancel={() => router.history.replace('/sign-in')} />
    </OpenPage>
  ) : (
    <OpenPage title={signInText.title}>
      <WaysIn next={next} error={search.error} onDone={done} />
    </OpenPage>
  );
}

function WaysIn({
  next,
  error,
  onDone,
}: {
  next: string;
  error: string | undefined;
  onDone: (session: Session) => void;
}) {
  const options = useQuery({ queryKey: keys.signInOptions(), queryFn: api.session.options });
  const { oidc = null, passkeys = false, first_run: isFirstRun = false } = options.data ?? {};
  return (
    <div className="flex flex-col gap-5">
      {isFirstRun && <Note>{signInText.firstRun}</Note>}
      {error !== undefined && <ErrorNote error={new Error(errorTextOf(error))} />}
      <PasswordForm onDone={onDone} />
      {(passkeys || oidc !== null) && (
        <div className="flex flex-col gap-3">
          <p className="text-center text-sm text-muted">{signInText.or}</p>
          {passkeys && <PasskeyButton onDone={onDone} />}
          {oidc !== null && (
            <Button onClick={() => location.assign(providerUrl(oidc.url, next))}>
              {signInText.withProvider(oidc.name)}
            </Button>
          )}
        </div>
      )}
      <p className="text-xs text-muted">{signInText.forgotten}</p>
    </div>
  );
}

/** The second half of a sign-in by OIDC, for accounts that have a second factor here. */
function ProviderCode({
  onDone,
  onCancel,
}: {
  onDone: (session: Session) => void;
  onCancel: () => void;
}) {
  const finish = useMutation({ mutationFn: api.session.secondFactor, onSuccess: onDone });
  return (
    <CodeForm
      busy={finish.isPending}
      error={finish.error}
      onCode={(code) => finish.mutate(code)}
      onCancel={onCancel}
    />
  );
}

const providerUrl = (url: string, next: string): string =>
  next === '/' ? url : `${url}?${new URLSearchParams({ next }).toString()}`;

const errorTextOf = (reason: string): string =>
  Object.entries(signInText.errors).find(([name]) => name === reason)?.[1] ?? signInText.otherError;
