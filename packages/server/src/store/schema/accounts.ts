import type { Generated } from 'kysely';

export interface UserRow {
  uuid: string;
  /** Lower case. */
  email: string;
  first_name: string;
  last_name: string;
  /** `scrypt$N$r$p$salt$hash`; null: no password opens this account (machine users). */
  password_hash: string | null;
  /** 0 or 1. */
  is_machine: number;
  /** 0 or 1; administers the installation. */
  is_admin: number;
  created_at: string;
  disabled_at: string | null;
}

export interface OrganisationRow {
  uuid: string;
  /** First part of the git URL of its applications; never changes. */
  slug: string;
  name: string;
  created_at: string;
}

export interface MembershipRow {
  organisation_uuid: string;
  user_uuid: string;
  role: 'owner' | 'admin' | 'deployer' | 'collaborator';
  created_at: string;
}

export interface ApplicationCollaboratorRow {
  application_uuid: string;
  user_uuid: string;
  /** The application's, kept here so that a collaborator may read its name. */
  organisation_uuid: string;
  created_at: string;
}

export interface AccessTokenRow {
  uuid: string;
  user_uuid: string;
  name: string;
  /** SHA-256 of the token, hex. The token itself is nowhere. */
  token_hash: string;
  hint: string;
  /** JSON list of scopes; null: all that the user may do. */
  scopes: string | null;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}

export interface JobTokenRow {
  token_hash: string;
  job_id: number;
  repository_uuid: string;
  created_at: string;
  ended_at: string | null;
}

export interface SetupLinkRow {
  token_hash: string;
  created_at: string;
  expires_at: string;
  used_at: string | null;
}

/** A link by which one person chooses a password, once. */
export interface AccountLinkRow {
  uuid: string;
  /** SHA-256 of the secret part, hex; that part itself is nowhere. */
  token_hash: string;
  user_uuid: string;
  kind: 'invitation' | 'password';
  /** Where an invitation leads. */
  organisation_uuid: string | null;
  /** Email of who made it. */
  created_by: string;
  created_at: string;
  expires_at: string;
  used_at: string | null;
  revoked_at: string | null;
}

/** Append-only (triggers refuse the rest); each row's hash covers the one before it. */
export interface AuditRow {
  sequence: number;
  at: string;
  actor: string;
  action: string;
  target: string;
  /** JSON. */
  details: string;
  previous_hash: string;
  hash: string;
}

/** The end of the chain, one row. Its update is also the lock that puts appends in order. */
export interface AuditHeadRow {
  id: number;
  sequence: number;
  hash: string;
}

export interface AccountsTables {
  users: UserRow;
  organisations: OrganisationRow;
  memberships: MembershipRow;
  application_collaborators: ApplicationCollaboratorRow;
  access_tokens: AccessTokenRow;
  job_tokens: JobTokenRow;
  setup_links: SetupLinkRow;
  account_links: AccountLinkRow;
  audit_log: AuditRow;
  audit_head: Omit<AuditHeadRow, 'id'> & { id: Generated<number> };
}
