import { randomUUID } from 'node:crypto';
import { SluiceError } from '../../errors.ts';
import type { Store } from '../../store/index.ts';
import type { KnownUser, PasswordCheck } from '../password-check.ts';
import { createPending } from './pending.ts';
import type { Sessions } from './sessions.ts';
import { type TwoFactor, wrongCode } from './two-factor.ts';
import type { Browser, OpenedSession, SignInMethod } from './types.ts';

interface Parts {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly twoFactor: TwoFactor;
  readonly checkPassword: PasswordCheck;
  readonly now: () => Date;
}

const CODE_WITHIN_MS = 10 * 60_000;

/** The ways into a session. */
export function createSignIn({ store, sessions, twoFactor, checkPassword, now }: Parts) {
  const waiting = createPending<KnownUser>(CODE_WITHIN_MS, now);

  const open = (user: KnownUser, method: SignInMethod, browser: Browser): Promise<OpenedSession> =>
    store.transaction((trx) => sessions.open(trx, user, method, browser));

  /**
   * Throws `invalid` with the reason `wrong_credentials`, `second_factor_required` (nothing came as `code`) or
   * `second_factor_wrong`, and `rate_limited`.
   */
  const withPassword = async (
    given: { readonly email: string; readonly password: string; readonly code: string | null },
    browser: Browser,
  ): Promise<OpenedSession> => {
    const user = await checkPassword(given.email, given.password, browser.address);
    if (user === null) {
      throw new SluiceError('invalid', 'There is no account with this email and password.', {
        reason: 'wrong_credentials',
        remedy: 'Check both, and whether Caps Lock is on.',
      });
    }
    await checkSecondFactor(user, given.code);
    return open(user, 'password', browser);
  };

  /** Passes when none is set up, or `code` is right. Throws as `withPassword`. */
  const checkSecondFactor = async (user: KnownUser, code: string | null): Promise<void> => {
    if (!(await twoFactor.isEnabled(user.uuid))) return;
    if (code === null || code.trim() === '') {
      throw new SluiceError('invalid', 'This account asks for a code besides the password.', {
        reason: 'second_factor_required',
        fields: { code: ['Enter the code of your authenticator app, or a recovery code.'] },
      });
    }
    if (!(await twoFactor.check(user, code))) throw wrongCode();
  };

  /**
   * For someone whom an OIDC provider has just vouched for. Where they set up a second factor here it is asked for as
   * well; then the answer is the id with which `finishOidc` goes on.
   */
  const withOidc = async (user: KnownUser, browser: Browser): Promise<OpenedSession | string> => {
    if (!(await twoFactor.isEnabled(user.uuid))) return open(user, 'oidc', browser);
    const id = randomUUID();
    waiting.put(id, user);
    return id;
  };

  /** Throws as `withPassword`, and `invalid` (`oidc_expired`) when it took too long. */
  const finishOidc = async (
    id: string | null,
    code: string,
    browser: Browser,
  ): Promise<OpenedSession> => {
    const user = id === null ? null : waiting.take(id);
    if (id === null || user === null) {
      throw new SluiceError('invalid', 'That took too long.', {
        reason: 'oidc_expired',
        remedy: 'Start the sign-in again.',
      });
    }
    try {
      await checkSecondFactor(user, code);
    } catch (error) {
      waiting.put(id, user);
      throw error;
    }
    return open(user, 'oidc', browser);
  };

  return { withPassword, withOidc, finishOidc };
}
