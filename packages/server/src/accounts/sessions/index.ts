import { SluiceError } from '../../errors.ts';
import type { Store } from '../../store/index.ts';
import type { Audit } from '../audit.ts';
import type { KnownUser, PasswordCheck } from '../password-check.ts';
import { createOidc, type OidcSettings } from './oidc.ts';
import { createOidcAccounts, type OidcPolicy } from './oidc-accounts.ts';
import { createPasskeys } from './passkeys.ts';
import { createPasswordChange } from './password-change.ts';
import { createSessions } from './sessions.ts';
import { createSignIn } from './sign-in.ts';
import { createTwoFactor } from './two-factor.ts';
import type { Sealing } from './types.ts';

export type { Passkey } from './passkey-rows.ts';
export type { Site } from './passkeys.ts';
export type { Self } from './two-factor.ts';
export type { Browser, OpenedSession, Sealing, Session } from './types.ts';

export type OidcOptions = OidcSettings & OidcPolicy;

interface Parts {
  readonly store: Store;
  readonly audit: Audit;
  readonly checkPassword: PasswordCheck;
  readonly sealing: Sealing | undefined;
  readonly oidc: OidcOptions | undefined;
  readonly now: () => Date;
}

const NO_OIDC: OidcOptions = {
  ...{ issuer: '', clientId: '', clientSecret: '', name: '' },
  ...{ createUsers: false, allowedDomains: [] },
};

/** Programs beside the server (`sluice admin`) have no master key, and need none: they never see a code. */
const NO_SEALING: Sealing = {
  seal: () => refuseSealing(),
  open: () => refuseSealing(),
};

function refuseSealing(): never {
  throw new SluiceError('unavailable', 'Second factors cannot be used here, only in the server.');
}

/** People in browsers: sessions and all the ways into one. */
export function createBrowserSignIn({ store, audit, checkPassword, now, ...parts }: Parts) {
  const oidcOptions = parts.oidc ?? NO_OIDC;
  const sessions = createSessions(store, audit, now);
  const twoFactor = createTwoFactor(store, audit, parts.sealing ?? NO_SEALING, now);
  const findAccount = createOidcAccounts(store, audit, oidcOptions, now);
  const { finish, ...oidc } = createOidc(oidcOptions, now);

  /** Ends the round trip to the provider: whose account it is, and where they wanted to go. */
  const finishOidc = async (
    id: string | null,
    query: string,
  ): Promise<{ readonly user: KnownUser; readonly to: string }> => {
    const { person, to } = await finish(id, query);
    return { user: await findAccount(person), to };
  };

  return {
    sessions,
    twoFactor,
    signIn: createSignIn({ store, sessions, twoFactor, checkPassword, now }),
    password: createPasswordChange(store, audit, checkPassword, now),
    passkeys: createPasskeys(store, audit, sessions, now),
    oidc: { ...oidc, finish: finishOidc },
  };
}
