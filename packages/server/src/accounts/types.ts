import type { Action, Role, Scope } from '@sluice/contract';

export type { Action, Role, Scope };

/** Who is asking, as decided by a credential, never by a name that somebody typed. */
export interface Identity {
  /** `job:<id>` for a job's token. */
  readonly userUuid: string;
  readonly email: string;
  readonly isMachine: boolean;
  readonly isAdmin: boolean;
  readonly tokenUuid: string | null;
  /** Null: everything that the user may do. */
  readonly scopes: readonly Scope[] | null;
  /** Set for a job's token, which may read its repository and nothing else. */
  readonly jobId: number | null;
  readonly repositoryUuid: string | null;
}

/** What an action is about. Give all that is known: an application's organisation decides besides itself. */
export interface Target {
  readonly organisationUuid?: string;
  readonly applicationUuid?: string;
  readonly repositoryUuid?: string;
}

export type Credential =
  /** Texts that may be a token, tried in order (spec/divio.md 4.1: raw first). */
  | { readonly kind: 'token'; readonly candidates: readonly string[] }
  | { readonly kind: 'password'; readonly email: string; readonly password: string };

/** Which applications an identity may read, as a filter for lists. */
export interface Reach {
  readonly everything: boolean;
  /** All applications of these organisations. */
  readonly organisations: readonly string[];
  /** And these, wherever they are. */
  readonly applications: readonly string[];
  /** Of all the above only these; null: no such limit. */
  readonly only: readonly string[] | null;
}

export interface User {
  readonly uuid: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly isMachine: boolean;
  readonly isAdmin: boolean;
  readonly createdAt: string;
  readonly disabledAt: string | null;
}

export interface Organisation {
  readonly uuid: string;
  readonly slug: string;
  readonly name: string;
  readonly createdAt: string;
}

export interface Member {
  readonly organisationUuid: string;
  readonly userUuid: string;
  readonly email: string;
  readonly role: Role;
}

export interface AccessToken {
  readonly uuid: string;
  readonly userUuid: string;
  readonly name: string;
  readonly hint: string;
  readonly scopes: readonly Scope[] | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

/** Who did it, as the audit log writes it: an email, or the name of a command. */
export type Actor = string;
