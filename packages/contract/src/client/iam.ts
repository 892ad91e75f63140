import type { ListOf } from '../common.ts';
import type {
  AccessToken,
  AccessTokenCreate,
  AccessTokenCreated,
  Collaborator,
  Me,
  Member,
  Organisation,
  User,
  UserCreate,
} from '../iam.ts';
import { type Send, segment } from './transport.ts';

export function createIamClient(send: Send) {
  return {
    /** Who the token belongs to. Throws `ApiError` 401 for a token that is wrong, expired or revoked. */
    me: () => send<Me>('GET', '/iam/v3/me/'),
    tokens: {
      list: () => send<ListOf<AccessToken>>('GET', '/iam/v3/access-tokens/'),
      create: (body: AccessTokenCreate) =>
        send<AccessTokenCreated>('POST', '/iam/v3/access-tokens/', { body }),
      revoke: (uuid: string) => send<null>('DELETE', `/iam/v3/access-tokens/${segment(uuid)}/`),
    },
    users: {
      list: () => send<ListOf<User>>('GET', '/iam/v3/users/'),
      create: (body: UserCreate) => send<User>('POST', '/iam/v3/users/', { body }),
    },
    organisations: {
      list: () => send<ListOf<Organisation>>('GET', '/iam/v3/organisations/'),
      get: (uuid: string) => send<Organisation>('GET', `/iam/v3/organisations/${segment(uuid)}/`),
      create: (body: { name: string; slug?: string }) =>
        send<Organisation>('POST', '/iam/v3/organisations/', { body }),
      addMember: (organisation: string, user: string, role: string) =>
        send<Member>('POST', `/iam/v3/organisations/${segment(organisation)}/members/`, {
          body: { user, role },
        }),
    },
    collaborators: {
      add: (application: string, user: string) =>
        send<Collaborator>('POST', `/apps/v3/applications/${segment(application)}/collaborators/`, {
          body: { user },
        }),
    },
  };
}
