/** One browser that is signed in. The row goes when it is signed out; the audit log remembers. */
export interface SessionRow {
  uuid: string;
  user_uuid: string;
  /** SHA-256 of the cookie's value, hex. The value itself is nowhere. */
  token_hash: string;
  method: 'password' | 'passkey' | 'oidc';
  user_agent: string;
  address: string;
  created_at: string;
  last_seen_at: string;
  /** Moves on with use, but never beyond the absolute limit after `created_at`. */
  expires_at: string;
}

export interface TwoFactorRow {
  user_uuid: string;
  /** The base32 secret of RFC 6238, sealed. */
  secret_sealed: string;
  /** The newest 30-second step of which a code was accepted; none of it or before it is accepted again. */
  last_counter: number;
  created_at: string;
  /** Null: begun, and not yet confirmed with a code. */
  enabled_at: string | null;
}

export interface RecoveryCodeRow {
  user_uuid: string;
  /** SHA-256, hex. */
  code_hash: string;
  used_at: string | null;
}

export interface PasskeyRow {
  uuid: string;
  user_uuid: string;
  /** base64url, as the browser names it. */
  credential_id: string;
  /** COSE key, base64url. */
  public_key: string;
  /** As the authenticator counts its uses; 0 where it does not. */
  counter: number;
  /** JSON list, such as `["internal","hybrid"]`. */
  transports: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
}

/** Whom an OIDC provider knows as what. */
export interface OidcIdentityRow {
  issuer: string;
  subject: string;
  user_uuid: string;
  created_at: string;
}

export interface SessionsTables {
  sessions: SessionRow;
  two_factor: TwoFactorRow;
  recovery_codes: RecoveryCodeRow;
  passkeys: PasskeyRow;
  oidc_identities: OidcIdentityRow;
}
