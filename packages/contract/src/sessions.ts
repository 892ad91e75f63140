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
 * Signs a person in by password. Refused (400) with `X-Sluice-Reason: second_factor_required` until `code` comes along
 * where the account has a second factor: six digits (RFC 6238) or one of its recovery codes. Other reasons are
 * `wrong_credentials` and `second_factor_wrong`.
 */
export const SignIn = Type.Object({
  email: Type.String(),
  password: Type.String(),
  code: Type.Optional(Nullable(Type.String())),
});
export type SignIn = Static<typeof SignIn>;

/** Who is signed in (or whose token asks), and where they belong. */
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
  /** Null for a token that does not expire. */
  expires_at: Nullable(Time),
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

/** A passkey, as its owner knows it. */
export const Passkey = Type.Object({
  uuid: Uuid,
  name: Type.String(),
  created_at: Time,
  last_used_at: Nullable(Time),
});
export type Passkey = Static<typeof Passkey>;

export const Security = Type.Object({
  two_factor: Type.Object({ enabled: Type.Boolean(), recovery_codes_left: Type.Integer() }),
  /** False where this address cannot have any: WebAuthn wants https and a host name (or localhost). */
  passkeys_possible: Type.Boolean(),
  passkeys: Type.Array(Passkey),
  has_password: Type.Boolean(),
});
export type Security = Static<typeof Security>;

/** What `navigator.credentials` takes and answers, as JSON; the browser's own words (WebAuthn level 3). */
export const PasskeyOptions = Type.Record(Type.String(), Type.Unknown());

const Credential = {
  id: Type.String({ maxLength: 2_000 }),
  rawId: Type.String({ maxLength: 2_000 }),
  type: Type.Literal('public-key'),
  clientExtensionResults: Type.Record(Type.String(), Type.Unknown()),
};

/** Answer of `navigator.credentials.create`. */
export const PasskeyRegistration = Type.Object({
  ...Credential,
  response: Type.Object({
    clientDataJSON: Type.String(),
    attestationObject: Type.String(),
    transports: Type.Optional(Type.Array(Type.String({ maxLength: 50 }), { maxItems: 20 })),
  }),
});

/** Answer of `navigator.credentials.get`. */
export const PasskeyAssertion = Type.Object({
  ...Credential,
  response: Type.Object({
    clientDataJSON: Type.String(),
    authenticatorData: Type.String(),
    signature: Type.String(),
    userHandle: Type.Optional(Type.String()),
  }),
});
export type PasskeyAssertion = Static<typeof PasskeyAssertion>;

export const PasskeyCreate = Type.Object({ name: Type.String(), credential: PasskeyRegistration });
export type PasskeyCreate = Static<typeof PasskeyCreate>;
export const PasskeySignIn = Type.Object({ credential: PasskeyAssertion });
export type PasskeySignIn = Static<typeof PasskeySignIn>;
export const PasskeyPatch = Type.Object({ name: Type.String() });

/** Begun, not yet in force: it is once a code made from the secret came back. */
export const TwoFactorBegun = Type.Object({ secret: Type.String(), uri: Type.String() });
export type TwoFactorBegun = Static<typeof TwoFactorBegun>;

/** A code of the app, such as `123456`; at sign-in a recovery code does as well. */
export const SecondFactorCode = Type.Object({ code: Type.String() });

/** Shown once. */
export const RecoveryCodes = Type.Object({ codes: Type.Array(Type.String()) });
export type RecoveryCodes = Static<typeof RecoveryCodes>;

/** Other browsers are signed out by it. `current` is not looked at while the account has no password. */
export const PasswordChange = Type.Object({
  current: Type.Optional(Type.String()),
  password: Type.String(),
  /** Also revokes all access tokens, for whoever suspects that somebody has one. */
  revoke_tokens: Type.Optional(Type.Boolean()),
});
export type PasswordChange = Static<typeof PasswordChange>;

export const MePatch = Type.Object(
  { first_name: Type.Optional(Type.String()), last_name: Type.Optional(Type.String()) },
  { additionalProperties: false },
);
export type MePatch = Static<typeof MePatch>;

/** Whether a set-up link still makes the first administrator. */
export const SetupState = Type.Object({ open: Type.Boolean() });
export type SetupState = Static<typeof SetupState>;
export const SetupRequest = Type.Object({
  email: Type.String(),
  first_name: Type.Optional(Type.String()),
  last_name: Type.Optional(Type.String()),
  password: Type.String(),
});
export type SetupRequest = Static<typeof SetupRequest>;
