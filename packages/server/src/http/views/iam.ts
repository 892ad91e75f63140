import type {
  AccessToken as AccessTokenJson,
  Me,
  Organisation as OrganisationJson,
  User as UserJson,
} from '@sluice/contract';
import type { AccessToken, Organisation, User } from '../../accounts/index.ts';

export const meJson = (user: User): Me => ({
  uuid: user.uuid,
  email: user.email,
  first_name: user.firstName,
  last_name: user.lastName,
  is_machine: user.isMachine,
  is_admin: user.isAdmin,
});

export const userJson = (user: User): UserJson => ({
  ...meJson(user),
  created_at: user.createdAt,
  disabled_at: user.disabledAt,
});

export const organisationJson = (organisation: Organisation): OrganisationJson => ({
  uuid: organisation.uuid,
  name: organisation.name,
  slug: organisation.slug,
  created_at: organisation.createdAt,
});

export const tokenJson = (token: AccessToken): AccessTokenJson => ({
  uuid: token.uuid,
  name: token.name,
  user: token.userUuid,
  hint: token.hint,
  scopes: token.scopes === null ? null : token.scopes.map((scope) => ({ ...scope })),
  created_at: token.createdAt,
  expires_at: token.expiresAt,
  last_used_at: token.lastUsedAt,
  revoked_at: token.revokedAt,
});
