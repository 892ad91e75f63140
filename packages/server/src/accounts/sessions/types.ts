export type SignInMethod = 'password' | 'passkey' | 'oidc';

/** The browser that asks, as the request shows it. */
export interface Browser {
  readonly userAgent: string;
  readonly address: string;
  /** The session that it brought along, which ends when it gets a new one; null: it brought none. */
  readonly token: string | null;
}

export interface Session {
  readonly uuid: string;
  readonly userUuid: string;
  readonly method: SignInMethod;
  readonly userAgent: string;
  readonly address: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly expiresAt: string;
}

/** A new session with the secret that goes into the cookie and is stored nowhere. */
export interface OpenedSession {
  readonly token: string;
  readonly session: Session;
}

/** Encrypts for a column, and opens what was encrypted; `context` names the place. See `secrets/`. */
export interface Sealing {
  seal(plaintext: string, context: string): string;
  open(sealed: string, context: string): string;
}
