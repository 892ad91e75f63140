import { SluiceError } from '../../errors.ts';
import type { Store } from '../../store/index.ts';
import type { KnownUser, PasswordCheck } from '../password-check.ts';
import type { Sessions } from './sessions.ts';
import { type TwoFactor, wrongCode } from './two-factor.ts';
import type { Browser, OpenedSession, SignInMethod } from './types.ts';

interface Parts {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly twoFactor: TwoFactor;
  readonly checkPassword: PasswordCheck;
}

/** The ways into a session. */
export function createSignIn({ store, sessions, twoFactor, checkPassword }: Parts) {
  /** For someone whom the caller has just identified. */
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

  return { open, withPassword, checkSecondFactor };
}

export type SignIn = ReturnType<typeof createSignIn>;
