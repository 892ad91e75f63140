import type { AccessToken } from '@sluice/contract';
import { accountText, actionText } from '../../text/account.ts';
import { common } from '../../text/common.ts';
import { Button } from '../../ui/button.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';

export const tokenName = ({ name, hint }: AccessToken): string =>
  name === '' ? accountText.unnamed(hint) : name;

/** Neither revoked nor expired. */
export const isValid = (token: AccessToken, now: Date): boolean =>
  token.revoked_at === null &&
  (token.expires_at === null || Date.parse(token.expires_at) > now.getTime());

export function TokenTable({
  tokens,
  onRevoke,
  caption = accountText.tokensTable,
}: {
  tokens: readonly AccessToken[];
  onRevoke: (token: AccessToken) => void;
  /** Where several such tables stand on one page. */
  caption?: string;
}) {
  const now = new Date();
  return (
    <Table
      caption={caption}
      rows={tokens}
      rowKey={({ uuid }) => uuid}
      columns={[
        {
          title: accountText.tokenName,
          cell: (token) => (
            <>
              {tokenName(token)} <span className="font-mono text-xs text-muted">…{token.hint}</span>
            </>
          ),
        },
        { title: accountText.scopes, wide: true, cell: (token) => <Scopes token={token} /> },
        {
          title: accountText.created,
          wide: true,
          cell: ({ created_at }) => <Time at={created_at} />,
        },
        {
          title: accountText.lastUse,
          wide: true,
          cell: ({ last_used_at: at }) => (at === null ? common.never : <Time at={at} />),
        },
        { title: accountText.state, cell: (token) => <State token={token} now={now} /> },
        {
          title: accountText.actions,
          cell: (token) =>
            isValid(token, now) && (
              <Button
                kind="danger"
                aria-label={accountText.revokeOf(tokenName(token))}
                onClick={() => onRevoke(token)}
              >
                {accountText.revoke}
              </Button>
            ),
        },
      ]}
    />
  );
}

function Scopes({ token }: { token: AccessToken }) {
  if (token.scopes === null) return accountText.everything;
  return (
    <ul>
      {token.scopes.map((scope) => (
        <li key={JSON.stringify(scope)}>
          {scope.actions.map((action) => actionText[action] ?? action).join(', ')}
          {scope.applications && ` ${accountText.inApplications(scope.applications.length)}`}
        </li>
      ))}
    </ul>
  );
}

function State({ token, now }: { token: AccessToken; now: Date }) {
  if (token.revoked_at !== null) return accountText.revoked;
  if (!isValid(token, now)) return accountText.expired;
  if (token.expires_at === null) return accountText.forEver;
  return (
    <>
      {accountText.active}, {accountText.expires.toLowerCase()} <Time at={token.expires_at} />
    </>
  );
}
