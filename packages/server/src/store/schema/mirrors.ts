import type { Generated } from 'kysely';

/** How a mirror gets in at its host, and how its fetching goes. One row for each repository of kind `mirror`. */
export interface MirrorRow {
  repository_uuid: string;
  username: string | null;
  /** Sealed: a token or password for https. */
  password: string | null;
  /** `ED25519`, `ECDSA` or `RSA`; null without a deploy key. */
  key_type: string | null;
  /** One line, as `authorized_keys` has it. */
  public_key: string | null;
  /** Sealed: PEM as ssh reads it. */
  private_key: string | null;
  /** Who made it: the only one, besides those who run the organisation, that may give it to an application. */
  created_by: string | null;
  /** The branch that the host's HEAD named last. */
  remote_head: string | null;
  last_attempt_at: string | null;
  last_success_at: string | null;
  /** A sentence for people; null after a success. */
  last_error: string | null;
  /** One of `FailureReason` in git/mirrors/failures.ts. */
  last_error_reason: string | null;
  /** In a row. */
  failures: number;
  /** Milliseconds since 1970. */
  next_fetch_at: number;
  /** Where its host says that it is now, which somebody has to accept: another host. */
  moved_to: string | null;
  /** The address before its host last told of another one on the same host, and when. */
  moved_from: string | null;
  moved_at: string | null;
}

/** Keys by which ssh hosts prove who they are, remembered at the first meeting. */
export interface MirrorHostKeyRow {
  id: Generated<number>;
  repository_uuid: string;
  host: string;
  key_type: string;
  /** Base64. */
  key: string;
  /** `SHA256:…` as ssh shows it. */
  fingerprint: string;
  /** `offered`: the host showed it though another one is trusted; somebody may accept it. */
  state: 'trusted' | 'offered';
  seen_at: string;
}

/** The address to which a host sends its webhooks, one for each mirror. */
export interface WebhookRow {
  repository_uuid: string;
  /** Part of the address. */
  uuid: string;
  provider: string;
  /** Sealed. */
  secret: string;
  created_at: string;
}

export interface WebhookDeliveryRow {
  id: Generated<number>;
  uuid: string;
  repository_uuid: string;
  provider: string;
  /** The host's own name for it; null where it gives none. */
  delivery_id: string | null;
  event: string;
  /** SHA-256 of the raw body, hex. */
  digest: string;
  state: 'waiting' | 'done' | 'ignored' | 'refused' | 'failed';
  /** What became of it, a sentence. */
  result: string;
  /** JSON object of the headers that matter; never a secret. */
  headers: string;
  /** Null when it was refused, was too long to keep, or is old. */
  body: string | null;
  /** JSON list of `HookEvent`. */
  events: string;
  attempts: number;
  /** Milliseconds since 1970. */
  next_attempt_at: number;
  received_at: string;
  processed_at: string | null;
}

export interface MirrorsTables {
  mirrors: MirrorRow;
  mirror_host_keys: MirrorHostKeyRow;
  webhooks: WebhookRow;
  webhook_deliveries: WebhookDeliveryRow;
}
