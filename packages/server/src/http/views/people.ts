import type {
  AccountLine as AccountJson,
  AccountLink,
  MemberLine as MemberJson,
} from '@sluice/contract';
import type { AccountLine, MemberLine, Person } from '../../accounts/index.ts';

const personJson = (person: Person) => ({
  email: person.email,
  first_name: person.firstName,
  last_name: person.lastName,
  is_machine: person.isMachine,
  is_admin: person.isAdmin,
  disabled_at: person.disabledAt,
  last_seen_at: person.lastSeenAt,
  has_password: person.hasPassword,
  two_factor: person.twoFactor,
  link_expires_at: person.linkExpiresAt,
});

export const memberJson = (organisation: string, member: MemberLine): MemberJson => ({
  ...{ organisation, user: member.uuid },
  ...personJson(member),
  ...{ role: member.role, member_since: member.memberSince },
});

export const accountJson = (account: AccountLine): AccountJson => ({
  ...{ uuid: account.uuid, created_at: account.createdAt },
  ...personJson(account),
  organisations: account.organisations.map(({ organisationUuid, name, role }) => ({
    ...{ organisation: organisationUuid, name, role },
  })),
});

/** The page of the panel on which a password is chosen. */
export const linkJson = (
  link: { readonly token: string; readonly expiresAt: string },
  publicUrl: string,
): AccountLink => ({ url: `${publicUrl}/invitation/${link.token}`, expires_at: link.expiresAt });
