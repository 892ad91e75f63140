import { SluiceError } from '../../errors.ts';
import type { Store, Trx } from '../../store/index.ts';
import type { Audit } from '../audit.ts';
import type { KnownUser } from '../password-check.ts';
import { insertUser, prepareUser } from '../users.ts';

/** What the provider says of a person, after everything about it was checked. */
export interface OidcPerson {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly firstName: string;
  readonly lastName: string;
}

export interface OidcPolicy {
  /** Makes an account for whoever the provider vouches for and who has none. */
  readonly createUsers: boolean;
  /** Domains of emails, lower case; empty: any. */
  readonly allowedDomains: readonly string[];
}

/**
 * Whose account it is: by the provider's own name for the person if they came before, else by the verified email.
 * Throws `forbidden` with a reason of its own for each refusal.
 */
export function createOidcAccounts(
  store: Store,
  audit: Audit,
  policy: OidcPolicy,
  now: () => Date,
) {
  return async (person: OidcPerson): Promise<KnownUser> => {
    const email = verifiedEmail(person, policy.allowedDomains);
    const fresh = { email, password: null, firstName: person.firstName, lastName: person.lastName };
    const newRow = await prepareUser(fresh, false, now());
    return store.transaction(async (trx) => {
      const known = await linkedUser(trx, person);
      if (known !== null) return known;
      let user = await userByEmail(trx, email);
      if (user === null) {
        if (!policy.createUsers) throw noAccount(email);
        await insertUser(trx, audit, newRow, `oidc ${person.issuer}`);
        user = { uuid: newRow.uuid, email, isMachine: false, isAdmin: false };
      }
      await link(trx, user, person);
      return user;
    });
  };

  async function link(trx: Trx, user: KnownUser, { issuer, subject }: OidcPerson): Promise<void> {
    const other = await trx
      .selectFrom('oidc_identities')
      .select('subject')
      .where('issuer', '=', issuer)
      .where('user_uuid', '=', user.uuid)
      .executeTakeFirst();
    // The provider gave the address to somebody else since.
    if (other !== undefined) {
      throw new SluiceError('forbidden', 'Another person of this provider has this account.', {
        reason: 'oidc_other_person',
      });
    }
    await trx
      .insertInto('oidc_identities')
      .values({ issuer, subject, user_uuid: user.uuid, created_at: now().toISOString() })
      .execute();
    await audit.record(trx, {
      actor: user.email,
      action: 'oidc.link',
      target: `user:${user.uuid}`,
      details: { issuer, subject },
    });
  }
}

function verifiedEmail({ email, emailVerified }: OidcPerson, domains: readonly string[]): string {
  if (email === null || !emailVerified) {
    throw new SluiceError('forbidden', 'The provider does not vouch for your email address.', {
      reason: 'oidc_email_unverified',
    });
  }
  const address = email.trim().toLowerCase();
  const domain = address.slice(address.lastIndexOf('@') + 1);
  if (domains.length > 0 && !domains.includes(domain)) {
    throw new SluiceError('forbidden', `Addresses at ${domain} may not sign in here.`, {
      reason: 'oidc_domain',
    });
  }
  return address;
}

async function linkedUser(trx: Trx, person: OidcPerson): Promise<KnownUser | null> {
  const row = await trx
    .selectFrom('oidc_identities as o')
    .innerJoin('users as u', 'u.uuid', 'o.user_uuid')
    .select(['u.uuid', 'u.email', 'u.is_machine', 'u.is_admin', 'u.disabled_at'])
    .where('o.issuer', '=', person.issuer)
    .where('o.subject', '=', person.subject)
    .executeTakeFirst();
  return row === undefined ? null : usable(row);
}

async function userByEmail(trx: Trx, email: string): Promise<KnownUser | null> {
  const row = await trx
    .selectFrom('users')
    .select(['uuid', 'email', 'is_machine', 'is_admin', 'disabled_at'])
    .where('email', '=', email)
    .executeTakeFirst();
  return row === undefined ? null : usable(row);
}

interface Found {
  readonly uuid: string;
  readonly email: string;
  readonly is_machine: number;
  readonly is_admin: number;
  readonly disabled_at: string | null;
}

function usable(row: Found): KnownUser {
  if (row.disabled_at !== null || row.is_machine === 1) throw noAccount(row.email);
  return { uuid: row.uuid, email: row.email, isMachine: false, isAdmin: row.is_admin === 1 };
}

const noAccount = (email: string) =>
  new SluiceError('forbidden', `There is no account for ${email} here.`, {
    reason: 'oidc_no_account',
    remedy: 'Ask an administrator to make one.',
  });
