import { type Static, Type } from 'typebox';
import { Filter, Nullable, PageQuery, Time, Uuid } from './common.ts';

/** merge: a merge commit; squash: one commit; rebase: each commit again, on top of the base. */
export const MergeMethod = Type.Union([
  Type.Literal('merge'),
  Type.Literal('squash'),
  Type.Literal('rebase'),
]);
export type MergeMethod = Static<typeof MergeMethod>;

/** A request to merge a branch into another, in a repository of Sluice's own or at an outside host. */
export const PullRequest = Type.Object({
  uuid: Uuid,
  application: Uuid,
  repository: Uuid,
  number: Type.Integer(),
  /** `sluice`, or the kind of the host that has it. */
  provider: Type.String(),
  /** Its page at an outside host. */
  url: Nullable(Type.String()),
  title: Type.String(),
  description: Type.String(),
  author: Type.String(),
  draft: Type.Boolean(),
  /** open | merged | closed */
  state: Type.String(),
  head: Type.Object({
    ref: Type.String(),
    sha: Type.String(),
    /** Its builds get no secrets and it gets no preview. */
    is_fork: Type.Boolean(),
    repository: Nullable(Type.String()),
  }),
  base: Type.Object({ ref: Type.String(), sha: Type.String() }),
  /** unknown | clean | conflicts | unrelated */
  mergeability: Type.String(),
  /** Paths that both sides changed. */
  conflicts: Type.Array(Type.String()),
  /** What merging would give; it is this commit that is built. */
  merge_sha: Nullable(Type.String()),
  build: Nullable(
    Type.Object({
      id: Nullable(Type.Integer()),
      /** awaiting_approval | requested | refused | unfinished | passed | failed | errored | canceled */
      state: Type.String(),
      reason: Nullable(Type.String()),
      url: Nullable(Type.String()),
    }),
  ),
  /** Its newest build is of a merge with an older base than today's. */
  base_moved: Type.Boolean(),
  /** It is merged as soon as its build passes. */
  merge_when_green: Type.Boolean(),
  merged_sha: Nullable(Type.String()),
  merge_method: Nullable(Type.String()),
  /** Who merged or closed it; null where a push did. */
  ended_by: Nullable(Type.String()),
  ended_at: Nullable(Time),
  /** The environment that shows it; null while there is none. */
  preview: Nullable(
    Type.Object({ environment: Uuid, slug: Type.String(), url: Type.String(), since: Time }),
  ),
  created_at: Time,
  updated_at: Time,
});
export type PullRequest = Static<typeof PullRequest>;

export const PullRequestQuery = Type.Object({
  ...PageQuery,
  application: Filter,
  /** open | merged | closed */
  state: Type.Optional(Type.String()),
  number: Type.Optional(Type.Integer({ minimum: 1 })),
});

export const PullRequestCreate = Type.Object({
  application: Uuid,
  /** The branch with the changes; it must have been pushed. */
  head: Type.String({ minLength: 1, maxLength: 250 }),
  /** Default: the repository's default branch. */
  base: Type.Optional(Type.String({ minLength: 1, maxLength: 250 })),
  /** Default: the first line of the newest commit's message. */
  title: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  draft: Type.Optional(Type.Boolean()),
});
export type PullRequestCreate = Static<typeof PullRequestCreate>;

export const PullRequestPatch = Type.Object({
  title: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  base: Type.Optional(Type.String({ minLength: 1, maxLength: 250 })),
  draft: Type.Optional(Type.Boolean()),
  state: Type.Optional(Type.Union([Type.Literal('open'), Type.Literal('closed')])),
});
export type PullRequestPatch = Static<typeof PullRequestPatch>;

export const PullRequestMerge = Type.Object({
  method: Type.Optional(MergeMethod),
  /** Merge only if this is still the head. */
  head: Type.Optional(Type.String({ pattern: '^[0-9a-f]{40}$' })),
  message: Type.Optional(Type.String({ minLength: 1, maxLength: 20_000 })),
  /** Where the build has not passed yet: merge when it has. Where the base moved since: test it again first. */
  when_green: Type.Optional(Type.Boolean()),
});
export type PullRequestMerge = Static<typeof PullRequestMerge>;

export const PullRequestComment = Type.Object({
  uuid: Uuid,
  /** An email, or `Sluice`. */
  author: Type.String(),
  body: Type.String(),
  created_at: Time,
});
export type PullRequestComment = Static<typeof PullRequestComment>;
export const PullRequestComments = Type.Object({ comments: Type.Array(PullRequestComment) });
export const PullRequestCommentCreate = Type.Object({ body: Type.String() });

export const PullRequestDiff = Type.Object({
  merge_base: Nullable(Type.String()),
  /** How many files there are; `files` holds at most the first 300. */
  count: Type.Integer(),
  /** Files, or the text of their changes, were left out. */
  truncated: Type.Boolean(),
  files: Type.Array(
    Type.Object({
      path: Type.String(),
      previous_path: Nullable(Type.String()),
      /** added | deleted | modified | renamed | copied | type_changed */
      status: Type.String(),
      /** Null for a binary file. */
      additions: Nullable(Type.Integer()),
      deletions: Nullable(Type.Integer()),
      /** Unified diff from the first `@@` on; null: binary or too long. */
      patch: Nullable(Type.String()),
    }),
  ),
});
export type PullRequestDiff = Static<typeof PullRequestDiff>;

/** A step in the story of a pull request, in the order of what it led to. */
export const PullWhyStep = Type.Object({
  /** Null: it goes on now, or nobody recorded when. */
  at: Nullable(Time),
  /** The rule that decided: of the ordering for deployments, else what happened in a word. */
  rule: Type.String(),
  text: Type.String(),
  /** Slug; of deployments alone. */
  environment: Nullable(Type.String()),
  deployment: Nullable(Uuid),
  superseded_by: Nullable(Uuid),
});
export type PullWhyStep = Static<typeof PullWhyStep>;

/** Where the change of a pull request is, or why it is not there. */
export const PullWhyEnvironment = Type.Object({
  slug: Type.String(),
  /** The pull request's own environment, which shows its head. */
  preview: Type.Boolean(),
  /** `not_merged`, else a state of `why`, where a deployment that carried the change counts as its own. */
  state: Type.String(),
  text: Nullable(Type.String()),
  rule: Nullable(Type.String()),
  /** When it went live. */
  at: Nullable(Time),
  deployment: Nullable(Uuid),
  superseded_by: Nullable(Uuid),
});
export type PullWhyEnvironment = Static<typeof PullWhyEnvironment>;

/** `GET /apps/v3/pull-requests/UUID/why/` */
export const PullWhy = Type.Object({
  uuid: Uuid,
  number: Type.Integer(),
  title: Type.String(),
  state: Type.String(),
  head: Type.String(),
  merged_sha: Nullable(Type.String()),
  /** All of it in one line. */
  summary: Type.String(),
  steps: Type.Array(PullWhyStep),
  environments: Type.Array(PullWhyEnvironment),
});
export type PullWhy = Static<typeof PullWhy>;

/** How an application's repository treats pull requests. */
export const PullRequestSettings = Type.Object({
  /** The first build of an author from a fork waits for an approval. Default: for public repositories. */
  approve_first: Type.Boolean(),
  /** `auto`: merging takes a passed build wherever Sluice's CI makes one. */
  require_green: Type.Union([Type.Literal('auto'), Type.Literal('on'), Type.Literal('off')]),
  /** Where merging takes a passed build: one of the merge with the base as it is now. */
  require_current: Type.Boolean(),
  merge_method: MergeMethod,
  delete_branch: Type.Boolean(),
  /** Each pull request gets an environment of its own. */
  previews: Type.Boolean(),
  /** A preview that nobody pushed to for so long is removed. */
  preview_days: Type.Integer({ minimum: 1, maximum: 365 }),
  preview_limit: Type.Integer({ minimum: 1, maximum: 50 }),
});
export type PullRequestSettings = Static<typeof PullRequestSettings>;
export const PullRequestSettingsPatch = Type.Partial(PullRequestSettings);

/** What every preview of an application gets. Never those of another environment. */
export const PreviewVariables = Type.Object({
  variables: Type.Array(
    Type.Object({
      name: Type.String(),
      /** Null when it is sensitive. */
      value: Nullable(Type.String()),
      is_sensitive: Type.Boolean(),
    }),
  ),
});
export type PreviewVariables = Static<typeof PreviewVariables>;

export const PreviewVariableSet = Type.Object({
  value: Type.String(),
  is_sensitive: Type.Optional(Type.Boolean()),
});
export type PreviewVariableSet = Static<typeof PreviewVariableSet>;

/** Where an application's builds and deployments are shown as commit statuses. */
export const CommitStatusTarget = Type.Object({
  /** github | gitlab | gitea | bitbucket; Forgejo speaks as Gitea does. */
  provider: Type.String(),
  api_url: Type.String(),
  /** `owner/name` as the host knows it. */
  slug: Type.String(),
  /** Statuses that the host does not have yet. */
  waiting: Type.Integer(),
  /** Why the newest of them was not taken. */
  last_error: Nullable(Type.String()),
  updated_at: Time,
});
export type CommitStatusTarget = Static<typeof CommitStatusTarget>;

export const CommitStatusTargetSet = Type.Object({
  provider: Type.String(),
  /** Default: of the public service; Gitea and Forgejo have none: `https://host/api/v1`. */
  api_url: Type.Optional(Type.String()),
  slug: Type.String(),
  /** Write-only. */
  token: Type.String(),
});
export type CommitStatusTargetSet = Static<typeof CommitStatusTargetSet>;
