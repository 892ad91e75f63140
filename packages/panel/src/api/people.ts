import type {
  AccessToken,
  AccountLine,
  AccountLink,
  Invitation,
  InvitationCreate,
  InvitationCreated,
  LinkUsed,
  ListOf,
  Member,
  MemberLine,
  OpenLink,
  User,
  UserCreate,
} from '@sluice/contract';
import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { keys } from './keys.ts';

const ofOrganisation = (uuid: string, rest: string) => `/iam/v3/organisations/${uuid}/${rest}`;
const ofUser = (uuid: string, rest = '') => `/iam/v3/users/${uuid}/${rest}`;

export const membersQuery = (organisation: string) =>
  queryOptions({
    queryKey: keys.people('members', organisation),
    queryFn: () =>
      api.send<ListOf<MemberLine>>('GET', ofOrganisation(organisation, 'members/'), {
        query: { page_size: 1_000 },
      }),
  });

export const invitationsQuery = (organisation: string) =>
  queryOptions({
    queryKey: keys.people('invitations', organisation),
    queryFn: () =>
      api.send<ListOf<Invitation>>('GET', ofOrganisation(organisation, 'invitations/')),
  });

/** Accounts of the installation; for its administrators. */
export const accountsQuery = (isMachine: boolean) =>
  queryOptions({
    queryKey: keys.people('accounts', String(isMachine)),
    queryFn: () =>
      api.send<ListOf<AccountLine>>('GET', '/iam/v3/users/', {
        query: { is_machine: isMachine, page_size: 1_000 },
      }),
  });

export const tokensOfQuery = (user: string) =>
  queryOptions({
    queryKey: keys.people('tokens', user),
    queryFn: () =>
      api.send<ListOf<AccessToken>>('GET', '/iam/v3/access-tokens/', { query: { user } }),
  });

/** What people do to people. */
export const people = {
  invite: (organisation: string, body: InvitationCreate) =>
    api.send<InvitationCreated>('POST', ofOrganisation(organisation, 'invitations/'), { body }),
  withdraw: (organisation: string, invitation: string) =>
    api.send<null>('DELETE', ofOrganisation(organisation, `invitations/${invitation}/`)),
  setRole: (organisation: string, user: string, role: string) =>
    api.send<Member>('POST', ofOrganisation(organisation, 'members/'), { body: { user, role } }),
  removeMember: (organisation: string, user: string) =>
    api.send<null>('DELETE', ofOrganisation(organisation, `members/${user}/`)),
  create: (body: UserCreate) => api.send<User>('POST', '/iam/v3/users/', { body }),
  change: (user: string, body: { is_admin?: boolean; disabled?: boolean }) =>
    api.send<User>('PATCH', ofUser(user), { body }),
  remove: (user: string) => api.send<null>('DELETE', ofUser(user)),
  passwordLink: (user: string) => api.send<AccountLink>('POST', ofUser(user, 'password-link/')),
  resetTwoFactor: (user: string) => api.send<null>('DELETE', ofUser(user, 'two-factor/')),
};

/** For whoever holds a link; nobody is signed in. */
export const links = {
  open: (token: string) =>
    api.send<OpenLink>('POST', '/iam/v3/invitations/open/', { body: { token } }),
  accept: (body: { token: string; password: string; first_name: string; last_name: string }) =>
    api.send<LinkUsed>('POST', '/iam/v3/invitations/accept/', { body }),
};
