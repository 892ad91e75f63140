import { Secret, TOTP } from 'otpauth';
import { SluiceError } from '../../errors.ts';
import type { Store, Trx } from '../../store/index.ts';
import type { Audit } from '../audit.ts';
import { createLimiter } from '../limiter.ts';
import { countRecoveryCodes, replaceRecoveryCodes, useRecoveryCode } from './recovery-codes.ts';
import { endSessionsOf, hasSecondFactor } from './rows.ts';
import type { Sealing } from './types.ts';

/** What every authenticator app knows (RFC 6238). */
const TOTP_FORM = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
/** A clock may be wrong by one step either way. */
const WINDOW = 1;
const QUARTER_HOUR_MS = 15 * 60_000;

/** Someone who changes their own account: in this session, which stays. */
export interface Self {
  readonly userUuid: string;
  readonly email: string;
  readonly sessionUuid: string;
}

/** Codes of an authenticator app as second factor, and recovery codes for the day the phone is gone. */
export function createTwoFactor(store: Store, audit: Audit, sealing: Sealing, now: () => Date) {
  // Few: whoever comes here knows the password already, and six digits are soon guessed.
  const attempts = createLimiter({ limit: 10, windowMs: QUARTER_HOUR_MS }, now);
  const contextOf = (userUuid: string) => `two_factor:${userUuid}`;

  const isEnabled = (userUuid: string) => hasSecondFactor(store.db, userUuid);

  /** Makes a secret, not yet in force. `issuer` is what the app shows. Throws `conflict` when one is in force. */
  const begin = async (self: Self, issuer: string): Promise<{ secret: string; uri: string }> => {
    if (await isEnabled(self.userUuid)) throw alreadyEnabled();
    const totp = new TOTP({
      ...TOTP_FORM,
      issuer,
      label: self.email,
      secret: new Secret({ size: 20 }),
    });
    const secret = totp.secret.base32;
    const row = {
      secret_sealed: sealing.seal(secret, contextOf(self.userUuid)),
      last_counter: 0,
      created_at: now().toISOString(),
    };
    await store.db
      .insertInto('two_factor')
      .values({ ...row, user_uuid: self.userUuid, enabled_at: null })
      .onConflict((conflict) => conflict.column('user_uuid').doUpdateSet(row))
      .execute();
    return { secret, uri: totp.toString() };
  };

  /** Puts the begun secret in force once a code made from it came back. Answers the recovery codes, once. */
  const confirm = async (self: Self, code: string): Promise<string[]> => {
    const { userUuid, email } = self;
    return store.transaction(async (trx) => {
      if (await isEnabledIn(trx, userUuid)) throw alreadyEnabled();
      if (!(await acceptCode(trx, userUuid, code))) throw wrongCode();
      await trx
        .updateTable('two_factor')
        .set({ enabled_at: now().toISOString() })
        .where('user_uuid', '=', userUuid)
        .execute();
      const codes = await replaceRecoveryCodes(trx, userUuid);
      const target = `user:${userUuid}`;
      await audit.record(trx, { actor: email, action: 'two_factor.enable', target });
      return codes;
    });
  };

  /** Turns it off, whoever `actor` is, and signs the person out everywhere but in `except`. */
  const disable = (userUuid: string, actor: string, except: string | null): Promise<void> =>
    store.transaction(async (trx) => {
      const wasEnabled = await isEnabledIn(trx, userUuid);
      await trx.deleteFrom('two_factor').where('user_uuid', '=', userUuid).execute();
      await trx.deleteFrom('recovery_codes').where('user_uuid', '=', userUuid).execute();
      if (!wasEnabled) return;
      await audit.record(trx, {
        actor,
        action: 'two_factor.disable',
        target: `user:${userUuid}`,
        details: { ended_sessions: await endSessionsOf(trx, userUuid, except) },
      });
    });

  /** New recovery codes; the old ones end. */
  const renewCodes = ({ userUuid, email }: Self): Promise<string[]> =>
    store.transaction(async (trx) => {
      if (!(await isEnabledIn(trx, userUuid))) {
        throw new SluiceError('conflict', 'Two-factor sign-in is off.', {
          remedy: 'Turn it on first.',
        });
      }
      const target = `user:${userUuid}`;
      await audit.record(trx, { actor: email, action: 'two_factor.renew_codes', target });
      return replaceRecoveryCodes(trx, userUuid);
    });

  /**
   * Whether `code` is a code of now or an unused recovery code; it is used up by asking. A wrong one is written to the
   * audit log. Throws `rate_limited`.
   */
  const check = async (
    user: { readonly uuid: string; readonly email: string },
    code: string,
  ): Promise<boolean> => {
    attempts.check(user.uuid);
    attempts.fail(user.uuid);
    const isRight = await store.transaction(async (trx) => {
      if (await acceptCode(trx, user.uuid, code)) return true;
      if (!(await useRecoveryCode(trx, user.uuid, code, now()))) return false;
      const target = `user:${user.uuid}`;
      await audit.record(trx, { actor: user.email, action: 'two_factor.recover', target });
      return true;
    });
    if (isRight) attempts.forgive(user.uuid);
    else {
      const target = `user:${user.uuid}`;
      await audit.record(null, { actor: user.email, action: 'two_factor.refuse', target });
    }
    return isRight;
  };

  const isEnabledIn = (trx: Trx, userUuid: string) => hasSecondFactor(trx, userUuid);

  /** The update is the check: of two requests with one code, one finds the step used. */
  const acceptCode = async (trx: Trx, userUuid: string, code: string): Promise<boolean> => {
    const token = code.replace(/\s/g, '');
    if (!/^\d{6}$/.test(token)) return false;
    const row = await trx
      .selectFrom('two_factor')
      .select('secret_sealed')
      .where('user_uuid', '=', userUuid)
      .executeTakeFirst();
    if (row === undefined) return false;
    const secret = Secret.fromBase32(sealing.open(row.secret_sealed, contextOf(userUuid)));
    const timestamp = now().getTime();
    const delta = TOTP.validate({ ...TOTP_FORM, token, secret, timestamp, window: WINDOW });
    if (delta === null) return false;
    const counter = TOTP.counter({ period: TOTP_FORM.period, timestamp }) + delta;
    const { numUpdatedRows } = await trx
      .updateTable('two_factor')
      .set({ last_counter: counter })
      .where('user_uuid', '=', userUuid)
      .where('last_counter', '<', counter)
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  };

  const codesLeft = (userUuid: string) => countRecoveryCodes(store.db, userUuid);

  return { isEnabled, begin, confirm, disable, renewCodes, check, codesLeft };
}

export type TwoFactor = ReturnType<typeof createTwoFactor>;

const alreadyEnabled = () =>
  new SluiceError('conflict', 'Two-factor sign-in is on already.', {
    reason: 'two_factor_enabled',
    remedy: 'Turn it off first to set up another device.',
  });

export const wrongCode = () =>
  new SluiceError('invalid', 'This code is not right.', {
    reason: 'second_factor_wrong',
    fields: {
      code: [
        'This code is not right, or it was used before. Enter the one that the app shows now, and check that the ' +
          "phone's clock is right.",
      ],
    },
  });
