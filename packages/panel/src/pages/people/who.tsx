import type { MemberLine } from '@sluice/contract';
import { useSession } from '../../api/session.ts';
import { common } from '../../text/common.ts';
import { peopleText as text } from '../../text/people.ts';
import { Time } from '../../ui/time.tsx';

type Account = Pick<
  MemberLine,
  'email' | 'first_name' | 'last_name' | 'is_machine' | 'is_admin' | 'disabled_at'
> &
  Pick<MemberLine, 'has_password' | 'two_factor' | 'link_expires_at' | 'last_seen_at'>;

/** What somebody is called: by name, else by email. */
export const nameOf = ({ first_name, last_name, email }: Account): string =>
  `${first_name} ${last_name}`.trim() || email;

/** Name and email of an account, and what else must be known of it. */
export function Who({ account }: { account: Account }) {
  const { user } = useSession();
  const remarks = [
    account.email === user.email && text.you,
    account.is_machine && text.machine,
    account.is_admin && text.administrator,
    account.disabled_at !== null && text.disabled,
    account.link_expires_at !== null && !account.has_password && text.invited,
  ].filter((remark) => remark !== false);
  const name = nameOf(account);
  return (
    <div className="min-w-0">
      <p className="font-medium break-words">
        {name}
        {remarks.length > 0 && (
          <span className="font-normal text-muted"> ({remarks.join(', ')})</span>
        )}
      </p>
      {name !== account.email && <p className="text-xs break-all text-muted">{account.email}</p>}
    </div>
  );
}

export function LastSeen({ account }: { account: Account }) {
  return account.last_seen_at === null ? common.never : <Time at={account.last_seen_at} />;
}

export const signsInWith = (account: Account): string =>
  [
    account.has_password ? text.password : text.otherWay,
    ...(account.two_factor ? [text.twoFactor] : []),
  ].join(', ');
