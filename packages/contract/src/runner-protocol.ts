import { type Static, Type } from 'typebox';
import { RunnerLabels, RunnerName } from './runners.ts';

/**
 * What a runner and the server say to each other. A runner connects out to the server, asks for a job
 * with a long poll, renews its lease while it works, and sends log, notices, verdict and end. It can touch only
 * the jobs it leases, and only while it leases them: every call but `lease` carries the job's lease token.
 *
 *   POST /runner/v1/register                 RegisterRequest, with a registration token -> 201 RegisterAnswer
 *   POST /runner/v1/hello                    HelloRequest -> 200 HelloAnswer: a process begins to work as this runner
 *   POST /runner/v1/state                    StateRequest -> 204: it takes no more jobs, has stopped, or is gone for good
 *   POST /runner/v1/lease                    LeaseRequest -> 200 LeasedJob | 204 nothing to do
 *   POST /runner/v1/jobs/:id/renew           LeaseProof   -> 200 RenewAnswer | 409 the lease is lost: stop the job
 *   POST /runner/v1/jobs/:id/log?offset=N    raw bytes (application/octet-stream), header `X-Lease: <token>` -> 200 { size }
 *   POST /runner/v1/jobs/:id/notices         NoticesRequest -> 204
 *   POST /runner/v1/jobs/:id/verdict         VerdictRequest -> 204, stored durably before the answer (spec/ordering.md 2.3)
 *   POST /runner/v1/jobs/:id/deploy          JobDeployRequest -> 200 JobDeployAnswer: the deploy provider `sluice`, idempotent
 *   GET  /runner/v1/jobs/:id/cache?slug=S    header `X-Lease` -> 200 a gzipped tar, header `X-Cache-Scope` | 204 there is none
 *   PUT  /runner/v1/jobs/:id/cache?slug=S    the same as `application/x-gtar-compressed`, header `X-Lease` -> 204 stored
 *   PUT  /runner/v1/jobs/:id/artifacts?path=P  one file as `application/x-sluice-artifact`, headers `X-Lease`, `X-Sha256` (hex) -> 204 kept
 *   POST /runner/v1/jobs/:id/finish          FinishRequest  -> 204, idempotent
 *   POST /runner/v1/jobs/:id/give-back       LeaseProof   -> 204: the job goes back to the queue
 *
 * Authentication: `Authorization: Token <runner token>`; over the Unix socket of an embedded runner none is needed.
 * `register`, `hello` and `lease` carry the protocol's version in `X-Runner-Protocol`; a version that the server does not
 * speak is answered 400 with the reason `runner_outdated` or `server_outdated` and what to do.
 */
export const RUNNER_PROTOCOL = 1;
export const OLDEST_RUNNER_PROTOCOL = 1;
export const RUNNER_PROTOCOL_HEADER = 'x-runner-protocol';

/** What a runner says of itself and its machine. */
export const RunnerMachine = Type.Object({
  /** Of the program, such as `0.1.0`. */
  version: Type.String({ minLength: 1, maxLength: 50 }),
  /** As `.travis.yml` calls it: linux | osx | windows | freebsd. */
  os: Type.String({ minLength: 1, maxLength: 50, pattern: '^[a-z0-9-]+$' }),
  /** amd64 | arm64 | ppc64le | s390x | i386 */
  arch: Type.String({ minLength: 1, maxLength: 50, pattern: '^[a-z0-9-]+$' }),
  labels: RunnerLabels,
  executor: Type.String({ minLength: 1, maxLength: 50 }),
  isolates: Type.Boolean(),
  concurrency: Type.Integer({ minimum: 1, maximum: 1_000 }),
});
export type RunnerMachine = Static<typeof RunnerMachine>;

export const RegisterRequest = Type.Object({
  name: RunnerName,
  ephemeral: Type.Boolean(),
  machine: RunnerMachine,
});
export type RegisterRequest = Static<typeof RegisterRequest>;

export const RegisterAnswer = Type.Object({
  uuid: Type.String(),
  name: Type.String(),
  /** The runner's own token; shown this once. */
  token: Type.String(),
});
export type RegisterAnswer = Static<typeof RegisterAnswer>;

export const HelloRequest = Type.Object({
  /** Chosen by the process; whatever an earlier process of this runner holds is void from now on. */
  instance: Type.String({ minLength: 8, maxLength: 64 }),
  machine: RunnerMachine,
});
export type HelloRequest = Static<typeof HelloRequest>;

export const HelloAnswer = Type.Object({
  uuid: Type.String(),
  name: Type.String(),
  paused: Type.Boolean(),
  ephemeral: Type.Boolean(),
  /** The server's own address; where the runner reaches it under another, so do its jobs. */
  server: Type.String(),
});
export type HelloAnswer = Static<typeof HelloAnswer>;

export const StateRequest = Type.Object({
  instance: Type.String({ minLength: 8, maxLength: 64 }),
  state: Type.Union([Type.Literal('draining'), Type.Literal('stopped'), Type.Literal('gone')]),
  /** Jobs that it works on; others that the server gave it never arrived, and go back as if untouched. */
  holding: Type.Array(Type.Integer(), { maxItems: 10_000 }),
});
export type StateRequest = Static<typeof StateRequest>;

export const EnvVar = Type.Object({
  /** `NAME=value` as shell text, quoting kept (spec/travis.md 3.2). Secrets are already decrypted. */
  text: Type.String(),
  secret: Type.Boolean(),
});
export type EnvVar = Static<typeof EnvVar>;

/** Variables with the heading under which the log shows them, in the order of export. */
export const EnvGroup = Type.Object({
  heading: Type.String(),
  vars: Type.Array(EnvVar),
});
export type EnvGroup = Static<typeof EnvGroup>;

export const JobLimits = Type.Object({
  /** Without output for so long: errored. Milliseconds, as all here. */
  silenceMs: Type.Number(),
  totalMs: Type.Number(),
  /** After the verdict only this one applies; reaching it ends the job with its verdict. */
  afterVerdictMs: Type.Number(),
  logBytes: Type.Number(),
  /** Larger artifacts need not be sent; absent: a server that keeps none. */
  artifactBytes: Type.Optional(Type.Number()),
});
export type JobLimits = Static<typeof JobLimits>;

export const JobPayload = Type.Object({
  jobId: Type.Integer(),
  /** `<build>.<n>`, such as `4.1`. */
  number: Type.String(),
  attempt: Type.Integer(),
  name: Type.Union([Type.String(), Type.Null()]),
  stage: Type.Union([Type.String(), Type.Null()]),
  allowFailure: Type.Boolean(),
  /** Set when an earlier attempt already had its verdict: that one stands (spec/ordering.md 2.3). */
  earlierVerdict: Type.Union([
    Type.Literal('passed'),
    Type.Literal('failed'),
    Type.Literal('errored'),
    Type.Null(),
  ]),
  restartedBy: Type.Union([Type.String(), Type.Null()]),
  repository: Type.Object({
    id: Type.Integer(),
    uuid: Type.String(),
    /** `organisation/application`. */
    slug: Type.String(),
    private: Type.Boolean(),
    defaultBranch: Type.Union([Type.String(), Type.Null()]),
  }),
  build: Type.Object({
    id: Type.Integer(),
    number: Type.Integer(),
    event: Type.String(),
    branch: Type.String(),
    tag: Type.Union([Type.String(), Type.Null()]),
    sha: Type.String(),
    /** `before...after`, empty on a branch's first push. */
    commitRange: Type.String(),
    message: Type.String(),
    pullRequest: Type.Union([
      Type.Null(),
      Type.Object({
        number: Type.Integer(),
        branch: Type.String(),
        sha: Type.String(),
        slug: Type.String(),
        draft: Type.Boolean(),
      }),
    ]),
  }),
  /** The job's configuration in Travis's key names (`JobConfig` of @sluice/travis-config), secrets decrypted in place. */
  config: Type.Record(Type.String(), Type.Unknown()),
  env: Type.Array(EnvGroup),
  /** Everything that must never appear in the log, besides the values of secret variables. */
  secrets: Type.Array(Type.String()),
  /** Lines for the top of the log: secrets that could not be decrypted, removed for forks, and so on. */
  notices: Type.Array(Type.String()),
  clone: Type.Object({
    url: Type.String(),
    /** Sent as `Authorization: Basic base64(x-job:<token>)`, by an environment variable of git, never in the URL. */
    token: Type.String(),
    /** `refs/heads/main`, `refs/tags/v1`, `refs/pull/4/merge`. */
    ref: Type.String(),
  }),
  urls: Type.Object({
    /** The server's own address, also `DIVIO_ZONE` and `SLUICE_URL` of the job. */
    server: Type.String(),
    build: Type.String(),
    job: Type.String(),
  }),
  limits: JobLimits,
  /** A build that is not trusted (a fork) runs only where the executor can really isolate it. */
  trusted: Type.Boolean(),
  strictToolchains: Type.Boolean(),
  filterSecrets: Type.Boolean(),
});
export type JobPayload = Static<typeof JobPayload>;

export const LeaseRequest = Type.Object({
  runner: Type.String({ minLength: 1, maxLength: 100 }),
  /** `host` or `docker`; what the runner can isolate decides which jobs it may have. */
  executor: Type.String(),
  isolates: Type.Boolean(),
  waitSeconds: Type.Number({ minimum: 0, maximum: 60 }),
  /** Runners elsewhere: the process, and its name for this question. Asked again with it, the same job is answered. */
  instance: Type.Optional(Type.String({ minLength: 8, maxLength: 64 })),
  request: Type.Optional(Type.String({ minLength: 8, maxLength: 64 })),
});
export type LeaseRequest = Static<typeof LeaseRequest>;

export const LeasedJob = Type.Object({
  leaseToken: Type.String(),
  /** ISO 8601. Renew well before. */
  expiresAt: Type.String(),
  payload: JobPayload,
});
export type LeasedJob = Static<typeof LeasedJob>;

export const LeaseProof = Type.Object({ leaseToken: Type.String() });
export type LeaseProof = Static<typeof LeaseProof>;

export const RenewAnswer = Type.Object({
  expiresAt: Type.String(),
  cancelRequested: Type.Boolean(),
});
export type RenewAnswer = Static<typeof RenewAnswer>;

export const NoticesRequest = Type.Object({
  leaseToken: Type.String(),
  /** Shown on the build: which toolchain was used instead of the one asked for, no sandbox, and so on. */
  notices: Type.Array(Type.String()),
});
export type NoticesRequest = Static<typeof NoticesRequest>;

export const Verdict = Type.Union([
  Type.Literal('passed'),
  Type.Literal('failed'),
  Type.Literal('errored'),
]);
export type Verdict = Static<typeof Verdict>;

export const VerdictRequest = Type.Object({ leaseToken: Type.String(), verdict: Verdict });
export type VerdictRequest = Static<typeof VerdictRequest>;

/**
 * The deploy provider `sluice` (spec/travis.md 7): a signal for the very commit of the job. It is the lease that
 * entitles to it, so neither a token nor a commit is given.
 */
export const JobDeployRequest = Type.Object({
  leaseToken: Type.String(),
  /** Website id, uuid or slug; null: the application of the job's repository. */
  application: Type.Union([Type.String({ maxLength: 250 }), Type.Null()]),
  environment: Type.String({ minLength: 1, maxLength: 250 }),
});
export type JobDeployRequest = Static<typeof JobDeployRequest>;

export const JobDeployAnswer = Type.Object({
  /** False: there is no deployment, or it ended at once without success. */
  accepted: Type.Boolean(),
  /** One sentence for the log. */
  message: Type.String(),
});
export type JobDeployAnswer = Static<typeof JobDeployAnswer>;

export const FinishRequest = Type.Object({
  leaseToken: Type.String(),
  state: Type.Union([
    Type.Literal('passed'),
    Type.Literal('failed'),
    Type.Literal('errored'),
    Type.Literal('canceled'),
  ]),
  exitCode: Type.Union([Type.Integer(), Type.Null()]),
  /** Why a job that did not pass ended, one sentence; null when the log says it. */
  reason: Type.Union([Type.String(), Type.Null()]),
});
export type FinishRequest = Static<typeof FinishRequest>;
