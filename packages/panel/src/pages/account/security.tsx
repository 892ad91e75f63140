import { useQuery } from '@tanstack/react-query';
import { useDocumentState } from '../../shell/document-state.ts';
import { accountText } from '../../text/account.ts';
import { ErrorNote, Loading } from '../../ui/notes.tsx';
import { PasskeysSection } from './passkeys-section.tsx';
import { PasswordSection } from './password-section.tsx';
import { securityQuery } from './queries.ts';
import { AccountHeader } from './tabs.tsx';
import { TwoFactorSection } from './two-factor-section.tsx';

export function Page() {
  useDocumentState(accountText.tabs.security);
  const security = useQuery(securityQuery);
  return (
    <>
      <AccountHeader />
      <ErrorNote error={security.error} retry={() => void security.refetch()} />
      {security.isPending && <Loading />}
      {security.data && (
        <>
          <TwoFactorSection state={security.data.two_factor} />
          <PasskeysSection
            passkeys={security.data.passkeys}
            isPossible={security.data.passkeys_possible}
          />
          <PasswordSection hasPassword={security.data.has_password} />
        </>
      )}
    </>
  );
}
