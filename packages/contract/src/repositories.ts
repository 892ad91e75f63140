import { type Static, Type } from 'typebox';
import { Nullable, Time, Uuid } from './common.ts';

export const WEBHOOK_PROVIDERS = ['github', 'gitlab', 'gitea', 'bitbucket', 'generic'] as const;
export const WebhookProvider = Type.Union([
  Type.Literal('github'),
  Type.Literal('gitlab'),
  Type.Literal('gitea'),
  Type.Literal('bitbucket'),
  Type.Literal('generic'),
]);

/** A key by which an ssh host proves who it is. */
export const HostKey = Type.Object({
  host: Type.String(),
  key_type: Type.String(),
  /** `SHA256:…`, as ssh shows it. */
  fingerprint: Type.String(),
  /** `offered`: the host shows it instead of the trusted one, and is refused until somebody accepts it. */
  state: Type.Union([Type.Literal('trusted'), Type.Literal('offered')]),
  seen_at: Time,
});
export type HostKey = Static<typeof HostKey>;

export const Webhook = Type.Object({
  /** To enter at the host, together with the secret that was shown when it was made. */
  url: Type.String(),
  provider: Type.String(),
  created_at: Time,
  /** Of the newest delivery whose signature fitted; null: none came yet. */
  last_delivery_at: Nullable(Time),
});
export type Webhook = Static<typeof Webhook>;

/** Where the code of an application comes from (spec/divio.md 1); more is told than Divio's clients read. */
export const Repository = Type.Object({
  uuid: Uuid,
  organisation: Uuid,
  /** Null while it was not given to one. */
  application: Nullable(Uuid),
  kind: Type.Union([Type.Literal('hosted'), Type.Literal('mirror')]),
  url: Type.String(),
  /** What to clone. */
  dsn: Type.String(),
  /** `INVALID`: it was never fetched, and cannot be without somebody doing something. */
  state: Type.Union([Type.Literal('CLONING'), Type.Literal('CLONED'), Type.Literal('INVALID')]),
  /** The public half of the deploy key, one line. */
  auth_info: Nullable(Type.String()),
  key_type: Nullable(Type.String()),
  username: Nullable(Type.String()),
  /** The password or token itself is never shown. */
  has_password: Type.Boolean(),
  default_branch: Nullable(Type.String()),
  /** The default branch at the host. */
  remote_head: Nullable(Type.String()),
  last_attempt_at: Nullable(Time),
  last_success_at: Nullable(Time),
  /** A sentence with what to do; null after a success. */
  last_error: Nullable(Type.String()),
  /** auth, gone, moved, emptied, host_key_changed, host_down, timeout, certificate, refused, damaged or other. */
  last_error_reason: Nullable(Type.String()),
  /** Fetches that failed in a row. */
  failures: Type.Integer(),
  /** Null: by webhook and on demand only. */
  next_fetch_at: Nullable(Time),
  /** Where its host says that it is now, at another host or for the time being: somebody has to accept that. */
  moved_to: Nullable(Type.String()),
  /** Its address before the host renamed or transferred it, which was followed; and when. */
  moved_from: Nullable(Type.String()),
  moved_at: Nullable(Time),
  host_keys: Type.Array(HostKey),
  webhook: Nullable(Webhook),
  /** Environments whose branch is not there (any more). */
  missing_branches: Type.Array(Type.Object({ environment: Type.String(), branch: Type.String() })),
  /** The newest moves that took commits off a branch, with where it stood before. */
  rewritten: Type.Array(
    Type.Object({ ref: Type.String(), before: Type.String(), after: Type.String(), at: Time }),
  ),
});
export type Repository = Static<typeof Repository>;

const KeyType = Type.Union([Type.Literal('ED25519'), Type.Literal('ECDSA'), Type.Literal('RSA')]);

/** With `url` alone nothing is made: that validates the field (spec/divio.md 4.5). */
export const RepositoryCreate = Type.Object({
  organisation: Type.Optional(Nullable(Type.String())),
  url: Type.Optional(Nullable(Type.String())),
  /** Makes a deploy key; for ssh addresses `ED25519` when nothing else is given. */
  key_type: Type.Optional(Nullable(KeyType)),
  username: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
  /** A token or password, for https. */
  password: Type.Optional(Nullable(Type.String({ maxLength: 10_000 }))),
});
export type RepositoryCreate = Static<typeof RepositoryCreate>;

/** Absent fields stay; null removes. */
export const RepositoryPatch = Type.Object({
  /** Another host gets none of the old one's credentials. */
  url: Type.Optional(Type.String()),
  username: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
  password: Type.Optional(Nullable(Type.String({ maxLength: 10_000 }))),
});
export type RepositoryPatch = Static<typeof RepositoryPatch>;

export const RepositoryConnect = Type.Object({
  url: Type.String(),
  key_type: Type.Optional(Nullable(KeyType)),
  username: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
  password: Type.Optional(Nullable(Type.String({ maxLength: 10_000 }))),
  /** Required where the hosted repository has branches: they give way to those at the address. */
  replace: Type.Optional(Type.Boolean()),
});
export type RepositoryConnect = Static<typeof RepositoryConnect>;

/** `code` is `success`, `running`, or why the fetch failed. */
export const RepositoryCheck = Type.Object({
  code: Type.String(),
  detail: Nullable(Type.String()),
});
export type RepositoryCheck = Static<typeof RepositoryCheck>;

export const DeployKeyRequest = Type.Object({ key_type: Type.Optional(Nullable(KeyType)) });
export const HostKeyAccept = Type.Object({ fingerprint: Type.String() });
export const WebhookRequest = Type.Object({ provider: Type.Optional(Nullable(WebhookProvider)) });
export type WebhookRequest = Static<typeof WebhookRequest>;

/** `secret` is shown this once. */
export const WebhookMade = Type.Object({
  url: Type.String(),
  provider: Type.String(),
  secret: Type.String(),
});
export type WebhookMade = Static<typeof WebhookMade>;

export const WebhookDelivery = Type.Object({
  uuid: Uuid,
  provider: Type.String(),
  /** The host's own name for it. */
  delivery_id: Nullable(Type.String()),
  event: Type.String(),
  /** waiting, done, ignored, refused or failed. */
  state: Type.String(),
  /** What became of it, a sentence. */
  result: Type.String(),
  attempts: Type.Integer(),
  received_at: Time,
  processed_at: Nullable(Time),
  headers: Type.Record(Type.String(), Type.String()),
  /** Only when it is asked for by its uuid; null when it was not kept. */
  body: Nullable(Type.String()),
});
export type WebhookDelivery = Static<typeof WebhookDelivery>;

/** What a host reads as the answer to a delivery. */
export const WebhookReceipt = Type.Object({
  result: Type.String(),
  detail: Type.String(),
  delivery: Nullable(Uuid),
});
