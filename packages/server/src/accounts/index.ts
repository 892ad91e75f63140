import type { Store } from '../store/index.ts';
import { createAccess } from './access.ts';
import { createAudit } from './audit.ts';
import { createAuditQuery } from './audit-query.ts';
import { createAuthenticate } from './authenticate.ts';
import { createCollaborators } from './collaborators.ts';
import { createInvitations } from './invitations.ts';
import { createLinks } from './links.ts';
import { createOrganisations, putMember, readRole } from './organisations.ts';
import { createPasswordCheck } from './password-check.ts';
import { createPeople } from './people.ts';
import { createBrowserSignIn, type OidcOptions, type Sealing } from './sessions/index.ts';
import { createSetup } from './setup.ts';
import { createTokens } from './tokens.ts';
import type { Actor, User } from './types.ts';
import { createUsers, insertUser, type NewUser, prepareUser } from './users.ts';

export type { AuditEntry, AuditFilter } from './audit-query.ts';
export type { KnownUser } from './password-check.ts';
export type { AccountLine, MemberLine, Person } from './people.ts';
export { within } from './permissions.ts';
export { parseScope } from './scope-text.ts';
export type { Browser, OpenedSession, Passkey, Self, Session, Site } from './sessions/index.ts';
export type {
  AccessToken,
  Action,
  Actor,
  Identity,
  Organisation,
  Scope,
  Target,
  User,
} from './types.ts';
export type { NewUser } from './users.ts';

export interface AccountsOptions {
  readonly store: Store;
  readonly now?: () => Date;
  /** Encrypts the secrets of second factors; a program that never checks one leaves it out. */
  readonly sealing?: Sealing;
  /** Absent, or with an empty issuer: nobody signs in by OIDC. */
  readonly oidc?: OidcOptions;
}

/** Where a new user belongs from the start. */
export interface FirstMembership {
  readonly organisationUuid: string;
  readonly role: string;
}

/**
 * Users, machine users, organisations, roles, access tokens, sessions and the audit log. Needs nothing but the
 * store, so `sluice admin` uses it while no server runs, or beside one.
 */
export function createAccounts({ store, now = () => new Date(), sealing, oidc }: AccountsOptions) {
  const audit = createAudit(store, now);
  const checkPassword = createPasswordCheck(store, now);
  const users = createUsers(store, audit, now);
  const organisations = createOrganisations(store, audit, now);
  const tokens = createTokens(store, audit, now);
  const links = createLinks(store, audit, now);

  const makeUser = async (
    user: NewUser,
    isMachine: boolean,
    membership: FirstMembership | null,
    actor: Actor,
  ): Promise<User> => {
    const row = await prepareUser(user, isMachine, now());
    return store.transaction(async (trx) => {
      const made = await insertUser(trx, audit, row, actor);
      if (membership !== null) {
        const role = readRole(membership.role);
        const { organisationUuid } = membership;
        await putMember(trx, { organisationUuid, userUuid: made.uuid, role }, now());
      }
      return made;
    });
  };

  return {
    authenticate: createAuthenticate(store, checkPassword, now),
    ...createBrowserSignIn({ store, audit, checkPassword, sealing, oidc, now }),
    ...createAccess(store),
    ...createSetup(store, audit, now),

    createUser: (user: NewUser, membership: FirstMembership | null, actor: Actor) =>
      makeUser(user, false, membership, actor),
    createMachineUser: (
      user: Omit<NewUser, 'password'>,
      membership: FirstMembership | null,
      actor: Actor,
    ) => makeUser({ ...user, password: null }, true, membership, actor),
    users,
    people: createPeople(store, now),
    invitations: createInvitations(store, audit, links, now),
    links: { make: links.makePasswordLink, look: links.look, redeem: links.redeem },

    createOrganisation: organisations.create,
    addMember: organisations.addMember,
    organisations,
    collaborators: createCollaborators(store, audit, now),

    createToken: tokens.create,
    getToken: tokens.get,
    listTokens: tokens.list,
    revokeToken: tokens.revoke,
    createJobToken: tokens.createJobToken,
    endJobToken: tokens.endJobToken,

    audit: audit.record,
    auditLog: createAuditQuery(store),
    verifyAudit: audit.verify,
  };
}

export type Accounts = ReturnType<typeof createAccounts>;
