import { SluiceError } from '../../errors.ts';
import type { Store } from '../../store/index.ts';
import type { Audit } from '../audit.ts';
import type { PasswordCheck } from '../password-check.ts';
import { hashPassword } from '../passwords.ts';
import { endSessionsOf } from './rows.ts';
import type { Self } from './two-factor.ts';

interface PasswordChange {
  /** Not looked at for an account without a password. */
  readonly current: string;
  readonly password: string;
  /** Also end every access token: for whoever suspects that somebody else knows them. */
  readonly revokeTokens: boolean;
}

export function createPasswordChange(
  store: Store,
  audit: Audit,
  checkPassword: PasswordCheck,
  now: () => Date,
) {
  const hasPassword = async (userUuid: string): Promise<boolean> => {
    const row = await store.db
      .selectFrom('users')
      .select('password_hash')
      .where('uuid', '=', userUuid)
      .executeTakeFirst();
    return typeof row?.password_hash === 'string';
  };

  /** Changes one's own password and signs the other browsers out. Guesses of the current one count as sign-ins. */
  const change = async (self: Self, change: PasswordChange, source: string): Promise<void> => {
    const isKnown =
      !(await hasPassword(self.userUuid)) ||
      (await checkPassword(self.email, change.current, source)) !== null;
    if (!isKnown) {
      throw new SluiceError('invalid', 'The current password is not right.', {
        fields: { current: ['This is not your current password.'] },
      });
    }
    const hash = await hashPassword(change.password);
    await store.transaction(async (trx) => {
      await trx
        .updateTable('users')
        .set({ password_hash: hash })
        .where('uuid', '=', self.userUuid)
        .execute();
      if (change.revokeTokens) {
        await trx
          .updateTable('access_tokens')
          .set({ revoked_at: now().toISOString() })
          .where('user_uuid', '=', self.userUuid)
          .where('revoked_at', 'is', null)
          .execute();
      }
      await audit.record(trx, {
        actor: self.email,
        action: 'password.change',
        target: `user:${self.userUuid}`,
        details: {
          ended_sessions: await endSessionsOf(trx, self.userUuid, self.sessionUuid),
          revoked_tokens: change.revokeTokens,
        },
      });
    });
  };

  return { has: hasPassword, change };
}
