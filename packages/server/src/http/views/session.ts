import type {
  Passkey as PasskeyJson,
  Session as SessionJson,
  SignedIn as SignedInJson,
} from '@sluice/contract';
import type { Accounts, Identity, Passkey, Session } from '../../accounts/index.ts';
import { SluiceError } from '../../errors.ts';
import { VERSION } from '../version.ts';
import { meJson } from './iam.ts';

/** Who is signed in, with the organisations that they belong to: for an administrator, all. */
export async function sessionJson(
  accounts: Accounts,
  identity: Identity,
  about: { readonly expiresAt: string | null; readonly url: string },
): Promise<SessionJson> {
  const user = await accounts.users.get(identity.userUuid);
  if (user === null) throw new SluiceError('not_found', 'Not found.');
  const roles = await accounts.rolesOf(identity.userUuid);
  const organisations: SessionJson['organisations'] = [];
  for (const { uuid, slug, name } of await accounts.organisations.visibleTo(identity)) {
    const role = roles.get(uuid) ?? null;
    // A collaborator on one application belongs to the application, not here.
    if (role === null && !identity.isAdmin) continue;
    const actions = await accounts.actionsOn(identity, { organisationUuid: uuid });
    organisations.push({ uuid, slug, name, role, actions });
  }
  return {
    user: meJson(user),
    organisations,
    server: { version: VERSION, url: about.url },
    expires_at: about.expiresAt,
  };
}

export const signedInJson = (session: Session, current: Session | null): SignedInJson => ({
  uuid: session.uuid,
  method: session.method,
  user_agent: session.userAgent,
  address: session.address,
  created_at: session.createdAt,
  last_seen_at: session.lastSeenAt,
  expires_at: session.expiresAt,
  current: session.uuid === current?.uuid,
});

export const passkeyJson = (passkey: Passkey): PasskeyJson => ({
  uuid: passkey.uuid,
  name: passkey.name,
  created_at: passkey.createdAt,
  last_used_at: passkey.lastUsedAt,
});
