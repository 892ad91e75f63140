import { type Static, Type } from 'typebox';
import { Nullable, Time, Uuid } from './common.ts';
import { Me } from './iam.ts';

/** How one may sign in here, for the sign-in page. Shows nothing of anybody's. */
export const SignInOptions = Type.Object({
  /** True while there is no administrator: the set-up link is on the server's console. */
  first_run: Type.Boolean(),
  passkeys: Type.Boolean(),
  oidc: Nullable(Type.Object({ name: Type.String(), url: Type.String() })),
});
export type SignInOptions = Static<typeof SignInOptions>;

/**
 * Signs a person in by password. Refused with `X-Sluice-Reason: second_factor_required` until `code` comes along where
 * the account has a second factor: six digits (RFC 6238) or one of its recovery codes.
 */
export const SignIn = Type.Object({
  email: Type.String(),
  password: Type.String(),
  code: Type.Optional(Type.String()),
});
export type SignIn = Static<typeof SignIn>;

/** Who is signed in, and where they belong. */
export const Session = Type.Object({
  user: Me,
  organisations: Type.Array(
    Type.Object({
      uuid: Uuid,
      slug: Type.String(),
      name: Type.String(),
      /** Null for an administrator who is no member. */
      role: Nullable(Type.String()),
      /** What this person may do in it, as actions of the permission table. */
      actions: Type.Array(Type.String()),
    }),
  ),
  server: Type.Object({ version: Type.String(), url: Type.String() }),
  expires_at: Time,
});
export type Session = Static<typeof Session>;

/** One browser that is signed in. */
export const SignedIn = Type.Object({
  uuid: Uuid,
  /** password | passkey | oidc */
  method: Type.String(),
  /** As the browser names itself. */
  user_agent: Type.String(),
  address: Type.String(),
  created_at: Time,
  last_seen_at: Time,
  expires_at: Time,
  /** The one that asks. */
  current: Type.Boolean(),
});
export type SignedIn = Static<typeof SignedIn>;

export const Security = Type.Object({
  two_factor: Type.Object({ enabled: Type.Boolean(), recovery_codes_left: Type.Integer() }),
  passkeys: Type.Array(
    Type.Object({
      uuid: Uuid,
      name: Type.String(),
      created_at: Time,
      last_used_at: Nullable(Time),
    }),
  ),
  has_password: Type.Boolean(),
});
export type Security = Static<typeof Security>;

/** Begun, not yet in force: it is once a code made from the secret came back. */
export const TwoFactorBegun = Type.Object({ secret: Type.String(), uri: Type.String() });
export type TwoFactorBegun = Static<typeof TwoFactorBegun>;

/** Shown once. */
export const RecoveryCodes = Type.Object({ codes: Type.Array(Type.String()) });
export type RecoveryCodes = Static<typeof RecoveryCodes>;

export const PasswordChange = Type.Object({ current: Type.String(), password: Type.String() });
export type PasswordChange = Static<typeof PasswordChange>;

export const SetupState = Type.Object({ open: Type.Boolean() });
export const SetupRequest = Type.Object({
  email: Type.String(),
  first_name: Type.Optional(Type.String()),
  last_name: Type.Optional(Type.String()),
  password: Type.String(),
});
export type SetupRequest = Static<typeof SetupRequest>;
