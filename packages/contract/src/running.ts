import { type Static, Type } from 'typebox';
import { ReleaseCommand } from './apps.ts';
import { Nullable, Time, Uuid } from './common.ts';
import { CommitLine } from './overview.ts';

/** One step of a deployment (spec/divio.md 3). */
export const DeploymentStep = Type.Object({
  step: Type.String(),
  title: Type.String(),
  started_at: Time,
  ended_at: Nullable(Time),
  /** done | failed | cancelled | interrupted; null while it runs. */
  outcome: Nullable(Type.String()),
  detail: Nullable(Type.String()),
});
export type DeploymentStep = Static<typeof DeploymentStep>;

/** `GET /apps/v3/deployments/UUID/story/`: what a page about one deployment shows besides the deployment itself. */
export const DeploymentStory = Type.Object({
  steps: Type.Array(DeploymentStep),
  commit: Nullable(CommitLine),
  /** What was live when it started; null when nothing was. */
  previous: Nullable(CommitLine),
  /** The commits that it brings: in its commit's history and not in the previous one's; newest first, at most 200. */
  commits: Type.Array(CommitLine),
  /** Taken off by it: in the previous one's history only (a rollback). */
  removed: Type.Array(CommitLine),
  /** False where there are more than are listed, or where what was live before cannot be compared any more. */
  commits_complete: Type.Boolean(),
  build: Nullable(
    Type.Object({ id: Type.Integer(), number: Type.Integer(), state: Type.String() }),
  ),
  /** Every call that asked for it. */
  signals: Type.Array(
    Type.Object({
      by: Type.String(),
      via: Type.String(),
      target: Nullable(Type.String()),
      at: Time,
      joined: Type.Boolean(),
    }),
  ),
  /** Every decision about it, with the rule that made it. */
  decisions: Type.Array(
    Type.Object({
      at: Time,
      from: Nullable(Type.String()),
      to: Type.String(),
      rule: Type.String(),
      reason: Nullable(Type.String()),
      superseded_by: Nullable(Uuid),
    }),
  ),
  release: Nullable(
    Type.Object({
      uuid: Uuid,
      is_live: Type.Boolean(),
      /** Whether it can be rolled back to. */
      kept: Type.Boolean(),
      commands: Type.Array(ReleaseCommand),
    }),
  ),
});
export type DeploymentStory = Static<typeof DeploymentStory>;

/** Null: none. */
export const InstanceLimits = Type.Object({
  /** Thousandths of a processor. */
  milli_cpus: Nullable(Type.Integer()),
  memory_bytes: Nullable(Type.Integer()),
  processes: Nullable(Type.Integer()),
});
export type InstanceLimits = Static<typeof InstanceLimits>;

export const InstanceExit = Type.Object({
  at: Time,
  /** Null: by the signal, or nobody saw how. */
  status: Nullable(Type.Integer()),
  signal: Nullable(Type.String()),
  /** Whether it needed more memory than its limit. */
  out_of_memory: Type.Boolean(),
});
export type InstanceExit = Static<typeof InstanceExit>;

/** `GET /apps/v3/environments/UUID/instances/` */
export const Instance = Type.Object({
  uuid: Uuid,
  /** web, worker, ... */
  service: Type.String(),
  /** starting | serving | retiring | stopped */
  state: Type.String(),
  release: Uuid,
  deployment: Uuid,
  commit: Nullable(Type.String()),
  created_at: Time,
  /** How often it ended by itself and was started again. */
  restarts: Type.Integer(),
  cpu_percent: Nullable(Type.Number()),
  memory_bytes: Nullable(Type.Integer()),
  processes: Nullable(Type.Integer()),
  /** What it was started with; null where nothing limits it, or nobody could tell. */
  limits: Nullable(InstanceLimits),
  /** How it ended the last time that it did so by itself; null: it did not, or nobody could tell. */
  last_exit: Nullable(InstanceExit),
});
export type Instance = Static<typeof Instance>;
export const Instances = Type.Object({ instances: Type.Array(Instance) });

/** `GET /apps/v3/environments/UUID/usage/?hours=`: sums over an environment's instances, oldest first. */
export const Usage = Type.Object({
  /** Seconds between two points. */
  step: Type.Integer(),
  points: Type.Array(
    Type.Object({
      at: Time,
      /** Of one core: 200 is two cores. */
      cpu_percent: Type.Number(),
      memory_bytes: Type.Integer(),
      restarts: Type.Integer(),
    }),
  ),
});
export type Usage = Static<typeof Usage>;

/** What was last found out about a domain: every 15 minutes until all is right, then once a day. */
export const DomainCheck = Type.Object({
  /** Whether it is served over https as it should be. */
  is_right: Type.Boolean(),
  /** here | elsewhere | nowhere (no address) | unknown (the DNS did not answer) */
  points: Type.String(),
  /** What the name resolves to. */
  addresses: Type.Array(Type.String()),
  /** issued | pending */
  certificate: Type.String(),
  certificate_issuer: Nullable(Type.String()),
  certificate_expires_at: Nullable(Time),
  /** What was found, and what to do where something is wrong: a sentence or two. */
  detail: Type.String(),
  checked_at: Time,
  next_check_at: Time,
});
export type DomainCheck = Static<typeof DomainCheck>;

/** A host name of the user's own for an environment: `/apps/v3/domains/`. */
export const Domain = Type.Object({
  uuid: Uuid,
  environment: Uuid,
  /** Lower case, in its ASCII form. */
  name: Type.String(),
  /** As people write it, with letters beyond ASCII. */
  display_name: Type.String(),
  /** What `DOMAIN` names; at most one of an environment. */
  is_primary: Type.Boolean(),
  /** Requests are sent on (308) to the primary domain, else to the fixed name. */
  is_redirect: Type.Boolean(),
  url: Type.String(),
  created_at: Time,
  /** What its owner enters at whoever runs the DNS of the name. */
  dns: Type.Object({
    /** `CNAME` to the environment's fixed host name, or `ADDRESS` where that leads nowhere from outside. */
    type: Type.String(),
    /** The fixed host name; null for `ADDRESS`. */
    target: Nullable(Type.String()),
    hint: Type.String(),
  }),
  /** Null where nothing in front of Sluice is kept by it (setting `edge`), or nothing was checked yet. */
  check: Nullable(DomainCheck),
});
export type Domain = Static<typeof Domain>;

export const DomainCreate = Type.Object({
  environment: Uuid,
  name: Type.String(),
  is_primary: Type.Optional(Type.Boolean()),
  is_redirect: Type.Optional(Type.Boolean()),
});
export type DomainCreate = Static<typeof DomainCreate>;

export const DomainPatch = Type.Object({
  is_primary: Type.Optional(Type.Boolean()),
  is_redirect: Type.Optional(Type.Boolean()),
});
export type DomainPatch = Static<typeof DomainPatch>;
