import type { ListOf } from '../common.ts';
import type { Me } from '../iam.ts';
import type {
  MePatch,
  Passkey,
  PasskeyCreate,
  PasskeySignIn,
  PasswordChange,
  RecoveryCodes,
  Security,
  Session,
  SetupRequest,
  SetupState,
  SignedIn,
  SignIn,
  SignInOptions,
  TwoFactorBegun,
} from '../sessions.ts';
import { type Send, segment } from './transport.ts';

/** For programs in a browser: the session is a cookie that they never see. */
export function createSessionsClient(send: Send) {
  return {
    session: {
      /** Throws `ApiError` 401 when nobody is signed in. */
      get: () => send<Session>('GET', '/iam/v3/session/'),
      options: () => send<SignInOptions>('GET', '/iam/v3/sign-in-options/'),
      signIn: (body: SignIn) => send<Session>('POST', '/iam/v3/session/', { body }),
      signOut: () => send<null>('DELETE', '/iam/v3/session/'),
      /** The code that was missing when one came back from the OIDC provider. */
      secondFactor: (code: string) =>
        send<Session>('POST', '/iam/v3/session/second-factor/', { body: { code } }),
      passkeyOptions: () =>
        send<Record<string, unknown>>('POST', '/iam/v3/session/passkey/options/', { body: {} }),
      passkey: (body: PasskeySignIn) => send<Session>('POST', '/iam/v3/session/passkey/', { body }),
      list: () => send<ListOf<SignedIn>>('GET', '/iam/v3/sessions/'),
      end: (uuid: string) => send<null>('DELETE', `/iam/v3/sessions/${segment(uuid)}/`),
    },
    account: {
      update: (body: MePatch) => send<Me>('PATCH', '/iam/v3/me/', { body }),
      changePassword: (body: PasswordChange) =>
        send<null>('POST', '/iam/v3/me/password/', { body }),
      security: () => send<Security>('GET', '/iam/v3/me/security/'),
      twoFactor: {
        begin: () => send<TwoFactorBegun>('POST', '/iam/v3/me/two-factor/', { body: {} }),
        confirm: (code: string) =>
          send<RecoveryCodes>('POST', '/iam/v3/me/two-factor/confirm/', { body: { code } }),
        renewCodes: () =>
          send<RecoveryCodes>('POST', '/iam/v3/me/two-factor/recovery-codes/', { body: {} }),
        disable: () => send<null>('DELETE', '/iam/v3/me/two-factor/'),
      },
      passkeys: {
        options: () =>
          send<Record<string, unknown>>('POST', '/iam/v3/me/passkeys/options/', { body: {} }),
        create: (body: PasskeyCreate) => send<Passkey>('POST', '/iam/v3/me/passkeys/', { body }),
        rename: (uuid: string, name: string) =>
          send<Passkey>('PATCH', `/iam/v3/me/passkeys/${segment(uuid)}/`, { body: { name } }),
        remove: (uuid: string) => send<null>('DELETE', `/iam/v3/me/passkeys/${segment(uuid)}/`),
      },
    },
    setup: {
      state: (token: string) => send<SetupState>('GET', `/iam/v3/setup/${segment(token)}/`),
      complete: (token: string, body: SetupRequest) =>
        send<Session>('POST', `/iam/v3/setup/${segment(token)}/`, { body }),
    },
  };
}
