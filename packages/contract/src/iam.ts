import { type Static, Type } from 'typebox';
import { Nullable, Time, Uuid } from './common.ts';

/** Everything that may be permitted; which role may do what stands in the server's one table. */
export const ACTIONS = [
  'application:read',
  'application:deploy',
  'application:write',
  'application:delete',
  'application:create',
  'repository:read',
  'repository:push',
  'repository:force-push',
  'build:read',
  'build:write',
  'organisation:read',
  'organisation:admin',
  'organisation:own',
  'token:manage',
  'user:manage',
  'installation:admin',
] as const;
export type Action = (typeof ACTIONS)[number];
export const Action = Type.Union(ACTIONS.map((action) => Type.Literal(action)));

/** What a token may do: these actions, in these applications (absent: in all that its user may reach). */
export const Scope = Type.Object(
  {
    actions: Type.Array(Type.Enum([...ACTIONS]), { minItems: 1 }),
    applications: Type.Optional(Type.Array(Uuid, { minItems: 1 })),
  },
  // A limit under a misspelt name would be none.
  { additionalProperties: false },
);
export type Scope = Static<typeof Scope>;

export const User = Type.Object({
  uuid: Uuid,
  email: Type.String(),
  first_name: Type.String(),
  last_name: Type.String(),
  is_machine: Type.Boolean(),
  is_admin: Type.Boolean(),
  created_at: Time,
  disabled_at: Nullable(Time),
});
export type User = Static<typeof User>;

export const Me = Type.Object({
  uuid: Uuid,
  email: Type.String(),
  first_name: Type.String(),
  last_name: Type.String(),
  is_machine: Type.Boolean(),
  is_admin: Type.Boolean(),
});
export type Me = Static<typeof Me>;

export const UserCreate = Type.Object({
  email: Type.String(),
  first_name: Type.Optional(Nullable(Type.String())),
  last_name: Type.Optional(Nullable(Type.String())),
  password: Type.Optional(Nullable(Type.String())),
  is_machine: Type.Optional(Type.Boolean()),
  is_admin: Type.Optional(Type.Boolean()),
  /** Membership to begin with. */
  organisation: Type.Optional(Nullable(Uuid)),
  role: Type.Optional(Nullable(Type.String())),
});
export type UserCreate = Static<typeof UserCreate>;

export const UserPatch = Type.Object({
  first_name: Type.Optional(Type.String()),
  last_name: Type.Optional(Type.String()),
  password: Type.Optional(Type.String()),
  is_admin: Type.Optional(Type.Boolean()),
  disabled: Type.Optional(Type.Boolean()),
});

export const Organisation = Type.Object({
  uuid: Uuid,
  name: Type.String(),
  slug: Type.String(),
  created_at: Time,
});
export type Organisation = Static<typeof Organisation>;

export const OrganisationCreate = Type.Object({
  name: Type.String(),
  slug: Type.Optional(Nullable(Type.String())),
});

/** `deployer` is a collaborator who may besides read and deploy all of the organisation's applications. */
export const ROLES = ['owner', 'admin', 'deployer', 'collaborator'] as const;
export type Role = (typeof ROLES)[number];

export const Member = Type.Object({
  organisation: Uuid,
  user: Uuid,
  email: Type.String(),
  role: Type.String(),
});
export type Member = Static<typeof Member>;

export const Collaborator = Type.Object({ application: Uuid, user: Uuid, email: Type.String() });
export type Collaborator = Static<typeof Collaborator>;

export const AccessToken = Type.Object({
  uuid: Uuid,
  name: Type.String(),
  user: Uuid,
  /** The last characters, to recognise it by. */
  hint: Type.String(),
  scopes: Nullable(Type.Array(Scope)),
  created_at: Time,
  expires_at: Nullable(Time),
  last_used_at: Nullable(Time),
  revoked_at: Nullable(Time),
});
export type AccessToken = Static<typeof AccessToken>;

export const AccessTokenCreate = Type.Object(
  {
    name: Type.Optional(Type.String()),
    /** Absent or null: all that the user may do. A text is read as the CLI's `--scope`: `deploy@my-site`. */
    scopes: Type.Optional(Nullable(Type.Array(Type.Union([Scope, Type.String()])))),
    expires_at: Type.Optional(Nullable(Time)),
    /** Another user's, such as a machine user's; needs `user:manage`. */
    user: Type.Optional(Nullable(Uuid)),
  },
  { additionalProperties: false },
);
export type AccessTokenCreate = Static<typeof AccessTokenCreate>;

/** The only answer that ever shows the token. */
export const AccessTokenCreated = Type.Intersect([
  AccessToken,
  Type.Object({ token: Type.String() }),
]);
export type AccessTokenCreated = Static<typeof AccessTokenCreated>;

export const AuditEntry = Type.Object({
  sequence: Type.Integer(),
  at: Time,
  actor: Type.String(),
  action: Type.String(),
  target: Type.String(),
  details: Type.Unknown(),
  hash: Type.String(),
});
export type AuditEntry = Static<typeof AuditEntry>;

/** Filters of the audit log; all of them together. */
export const AuditFilterQuery = {
  /** Part of the actor's name. */
  actor: Type.Optional(Type.String()),
  /** How the action begins: `token`, `token.create`. */
  action: Type.Optional(Type.String()),
  /** How the target begins: `application:`, `user:UUID`. */
  target: Type.Optional(Type.String()),
  /** This moment and later, ISO 8601. */
  since: Type.Optional(Type.String()),
  /** Before this moment. */
  until: Type.Optional(Type.String()),
  /** Anywhere in an entry. */
  text: Type.Optional(Type.String()),
};

/** Whether the chain of hashes holds from the first entry to the last. */
export const AuditVerdict = Type.Object({
  intact: Type.Boolean(),
  /** How many entries hold. */
  entries: Type.Integer(),
  /** The first entry that was changed, removed or inserted. */
  broken_at: Nullable(Type.Integer()),
});
export type AuditVerdict = Static<typeof AuditVerdict>;

const account = {
  first_name: Type.String(),
  last_name: Type.String(),
  is_machine: Type.Boolean(),
  is_admin: Type.Boolean(),
  disabled_at: Nullable(Time),
  /** When a session or a token of it was last used, to the minute; null: never. */
  last_seen_at: Nullable(Time),
  has_password: Type.Boolean(),
  two_factor: Type.Boolean(),
  /** Until when a link to choose a password is open; null: none is. */
  link_expires_at: Nullable(Time),
};

/** A member with what a list of people shows. */
export const MemberLine = Type.Object({
  organisation: Uuid,
  user: Uuid,
  email: Type.String(),
  role: Type.String(),
  member_since: Time,
  ...account,
});
export type MemberLine = Static<typeof MemberLine>;

/** An account of the installation, and where it belongs. */
export const AccountLine = Type.Object({
  uuid: Uuid,
  email: Type.String(),
  created_at: Time,
  ...account,
  organisations: Type.Array(
    Type.Object({ organisation: Uuid, name: Type.String(), role: Type.String() }),
  ),
});
export type AccountLine = Static<typeof AccountLine>;

export const InvitationCreate = Type.Object({
  email: Type.String(),
  role: Type.String(),
  first_name: Type.Optional(Type.String()),
  last_name: Type.Optional(Type.String()),
});
export type InvitationCreate = Static<typeof InvitationCreate>;

/** A link to hand over: whoever has it chooses the account's password, once. Shown this once. */
export const AccountLink = Type.Object({ url: Type.String(), expires_at: Time });
export type AccountLink = Static<typeof AccountLink>;

export const InvitationCreated = Type.Object({
  user: Uuid,
  email: Type.String(),
  role: Type.String(),
  /** Null: they have an account already, and are a member at once. */
  link: Nullable(AccountLink),
});
export type InvitationCreated = Static<typeof InvitationCreated>;

/** One that was not accepted yet. Its link was shown when it was made. */
export const Invitation = Type.Object({
  uuid: Uuid,
  user: Uuid,
  email: Type.String(),
  role: Type.String(),
  created_by: Type.String(),
  created_at: Time,
  expires_at: Time,
  expired: Type.Boolean(),
});
export type Invitation = Static<typeof Invitation>;

/** What the page behind a link shows. */
export const OpenLink = Type.Object({
  /** invitation | password */
  kind: Type.String(),
  email: Type.String(),
  first_name: Type.String(),
  last_name: Type.String(),
  organisation: Nullable(Type.String()),
  expires_at: Time,
});
export type OpenLink = Static<typeof OpenLink>;

export const LinkToken = Type.Object({ token: Type.String({ maxLength: 100 }) });
export const LinkUse = Type.Object({
  token: Type.String({ maxLength: 100 }),
  password: Type.String(),
  first_name: Type.Optional(Type.String()),
  last_name: Type.Optional(Type.String()),
});
export const LinkUsed = Type.Object({ email: Type.String() });
export type LinkUsed = Static<typeof LinkUsed>;
