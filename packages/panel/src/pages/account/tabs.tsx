import { accountText } from '../../text/account.ts';
import { PageHeader, TabLinks } from '../../ui/layout.tsx';

/** The head of every page of one's account. */
export function AccountHeader() {
  return (
    <>
      <PageHeader title={accountText.title} />
      <TabLinks
        label={accountText.tabs.label}
        tabs={[
          { to: '/account', text: accountText.tabs.profile },
          { to: '/account/security', text: accountText.tabs.security },
          { to: '/account/tokens', text: accountText.tabs.tokens },
        ]}
      />
    </>
  );
}
