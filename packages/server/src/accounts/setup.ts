import { SluiceError } from '../errors.ts';
import type { Store } from '../store/index.ts';
import type { Audit } from './audit.ts';
import { findOrMakeDefault, putMember } from './organisations.ts';
import { hashToken, looksLikeToken, newToken } from './token-text.ts';
import type { Actor, Role, User } from './types.ts';
import { insertUser, type NewUser, prepareUser } from './users.ts';

const LINK_LIFE_MS = 24 * 60 * 60_000;

/** How an installation gets its first people: from the console or by a one-time link, never by being first. */
export function createSetup(store: Store, audit: Audit, now: () => Date) {
  const hasAdministrator = async (): Promise<boolean> => {
    const row = await store.db
      .selectFrom('users')
      .select('uuid')
      .where('is_admin', '=', 1)
      .where('disabled_at', 'is', null)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  };

  /** An administrator of the installation, who owns the organisation `default`. */
  const createAdministrator = async (user: NewUser, actor: Actor): Promise<User> => {
    const row = await prepareUser({ ...user, isAdmin: true }, false, now());
    return store.transaction(async (trx) => {
      const made = await insertUser(trx, audit, row, actor);
      await join(made.uuid, 'owner', trx);
      return made;
    });
  };

  /** A machine of the organisation `default`: it reads and deploys its applications, and can make its own. */
  const createDefaultMachine = async (email: string, actor: Actor): Promise<User> => {
    const row = await prepareUser({ email, password: null }, true, now());
    return store.transaction(async (trx) => {
      const made = await insertUser(trx, audit, row, actor);
      await join(made.uuid, 'deployer', trx);
      return made;
    });
  };

  const join = async (userUuid: string, role: Role, trx: Parameters<typeof putMember>[0]) => {
    const organisation = await findOrMakeDefault(trx, now());
    await putMember(trx, { organisationUuid: organisation.uuid, userUuid, role }, now());
  };

  /** Answers the link's secret. Earlier links end: only the one printed last works. */
  const createSetupLink = async (): Promise<string> => {
    const token = newToken('sls_');
    const at = now();
    await store.transaction(async (trx) => {
      await trx
        .updateTable('setup_links')
        .set({ used_at: at.toISOString() })
        .where('used_at', 'is', null)
        .execute();
      await trx
        .insertInto('setup_links')
        .values({
          token_hash: hashToken(token),
          created_at: at.toISOString(),
          expires_at: new Date(at.getTime() + LINK_LIFE_MS).toISOString(),
          used_at: null,
        })
        .execute();
    });
    return token;
  };

  /** Whether the link still works; looking does not use it up. */
  const isSetupLinkOpen = async (token: string): Promise<boolean> => {
    if (!looksLikeToken(token)) return false;
    const row = await store.db
      .selectFrom('setup_links')
      .select('expires_at')
      .where('token_hash', '=', hashToken(token))
      .where('used_at', 'is', null)
      .executeTakeFirst();
    return row !== undefined && row.expires_at > now().toISOString();
  };

  /** Uses the link up and makes the administrator, both or neither. Throws `not_found` for a link that is not open. */
  const redeemSetupLink = async (token: string, user: NewUser): Promise<User> => {
    const gone = () => new SluiceError('not_found', 'This link is not valid any more.');
    if (!(await isSetupLinkOpen(token))) throw gone();
    const row = await prepareUser({ ...user, isAdmin: true }, false, now());
    return store.transaction(async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('setup_links')
        .set({ used_at: now().toISOString() })
        .where('token_hash', '=', hashToken(token))
        .where('used_at', 'is', null)
        .where('expires_at', '>', now().toISOString())
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) throw gone();
      const made = await insertUser(trx, audit, row, 'setup link');
      await join(made.uuid, 'owner', trx);
      return made;
    });
  };

  return {
    hasAdministrator,
    createAdministrator,
    createDefaultMachine,
    createSetupLink,
    isSetupLinkOpen,
    redeemSetupLink,
  };
}
