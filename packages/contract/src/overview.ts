import { type Static, Type } from 'typebox';
import { Nullable, Time, Uuid } from './common.ts';

/** A commit in one line. */
export const CommitLine = Type.Object({
  sha: Type.String(),
  subject: Type.String(),
  author: Type.String(),
  committed_at: Time,
});
export type CommitLine = Static<typeof CommitLine>;

export const BuildLine = Type.Object({
  id: Type.Integer(),
  number: Type.Integer(),
  state: Type.String(),
  branch: Type.String(),
  sha: Type.String(),
  created_at: Time,
  started_at: Nullable(Time),
  finished_at: Nullable(Time),
});
export type BuildLine = Static<typeof BuildLine>;

export const EnvironmentLine = Type.Object({
  uuid: Uuid,
  slug: Type.String(),
  branch: Type.String(),
  url: Type.String(),
  auto_deploy: Type.Boolean(),
  /** What answers at `url` now; null before the first deployment. */
  live: Nullable(Type.Object({ commit: CommitLine, since: Time, deployment: Nullable(Uuid) })),
  /** none | serving | stopped | failing | unclear (what runs cannot be asked just now) */
  health: Type.String(),
  /** The deployment on its way: the running one, else the queued one. */
  moving: Nullable(
    Type.Object({
      uuid: Uuid,
      status: Type.String(),
      percent: Type.Number(),
      commit: Nullable(Type.String()),
    }),
  ),
  /** The newest ended one when it did not succeed and nothing newer is on its way. */
  last_failure: Nullable(
    Type.Object({ uuid: Uuid, status: Type.String(), reason: Nullable(Type.String()), at: Time }),
  ),
  hold: Nullable(
    Type.Object({ since: Time, by: Nullable(Type.String()), reason: Nullable(Type.String()) }),
  ),
  /** `live = newest passed commit of main`, or why not, in one line. */
  summary: Type.String(),
  /** Whether the newest commit of the branch that may go live is live. */
  is_newest_passed: Type.Boolean(),
  /** 0 when it is; else since it passed, or was pushed where no build is needed; null: nothing passed yet. */
  seconds_behind_newest_passed: Nullable(Type.Integer()),
});
export type EnvironmentLine = Static<typeof EnvironmentLine>;

/** All a dashboard shows of one application. */
export const ApplicationLine = Type.Object({
  uuid: Uuid,
  id: Type.Integer(),
  slug: Type.String(),
  name: Type.String(),
  organisation: Uuid,
  repository_uuid: Uuid,
  ci_active: Type.Boolean(),
  environments: Type.Array(EnvironmentLine),
  /** The newest build, and those that are not finished, newest first. */
  builds: Type.Array(BuildLine),
});
export type ApplicationLine = Static<typeof ApplicationLine>;

/** `GET /apps/v3/overview/[?application=UUID]` */
export const Overview = Type.Object({ applications: Type.Array(ApplicationLine) });
export type Overview = Static<typeof Overview>;

/** What became of one commit, for the list of an application's commits. */
export const CommitFate = Type.Object({
  ...CommitLine.properties,
  build: Nullable(
    Type.Object({
      id: Nullable(Type.Integer()),
      number: Nullable(Type.Integer()),
      state: Type.String(),
    }),
  ),
  /** By environment; the states are those of `why`. */
  environments: Type.Array(
    Type.Object({
      slug: Type.String(),
      state: Type.String(),
      reason: Nullable(Type.String()),
      deployment: Nullable(Uuid),
    }),
  ),
});
export type CommitFate = Static<typeof CommitFate>;

/** `GET /apps/v3/applications/UUID/commits/?branch=&after=SHA`, newest first, 50 at a time. */
export const CommitFates = Type.Object({
  branch: Type.String(),
  branches: Type.Array(Type.String()),
  commits: Type.Array(CommitFate),
  /** Give it as `after` for the next ones; null at the end. */
  next: Nullable(Type.String()),
});
export type CommitFates = Static<typeof CommitFates>;

/** `GET /apps/v3/search/?q=`: what one may see and what matches, best first, at most 20. */
export const SearchHit = Type.Object({
  /** application | environment | build | commit | deployment */
  kind: Type.String(),
  title: Type.String(),
  detail: Type.String(),
  /** Where the panel shows it, `/applications/...`. */
  path: Type.String(),
});
export type SearchHit = Static<typeof SearchHit>;
export const SearchAnswer = Type.Object({ hits: Type.Array(SearchHit) });
