import { createHash } from 'node:crypto';

/** A commit's way to one environment, as rows tell it. Times are ISO 8601. */
export interface TraceFacts {
  readonly deployment: {
    readonly uuid: string;
    readonly number: number;
    readonly sha: string | null;
    readonly status: string;
    readonly reason: string | null;
    readonly via: string;
    readonly requested_by: string;
    readonly accepted_at: string;
    readonly running_at: string | null;
    readonly ended_at: string;
    readonly environment: string;
    readonly application: string;
  };
  readonly steps: readonly {
    readonly step: string;
    readonly started_at: string;
    readonly ended_at: string | null;
    readonly outcome: string | null;
    readonly detail: string | null;
  }[];
  readonly push: { readonly ref: string; readonly received_at: string } | null;
  readonly build: {
    readonly number: number;
    readonly state: string;
    readonly created_at: string;
    readonly started_at: string | null;
    readonly finished_at: string | null;
  } | null;
  readonly jobs: readonly {
    readonly number: number;
    readonly name: string | null;
    readonly stage_name: string | null;
    readonly state: string;
    readonly queued_at: string | null;
    readonly started_at: string | null;
    readonly finished_at: string | null;
    readonly lease_runner: string | null;
  }[];
}

/** One stretch of that way. Ids are hex, as W3C Trace Context has them: 32 digits of the trace, 16 of the span. */
export interface TraceSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** What went wrong; null: nothing. */
  readonly error: string | null;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/**
 * The spans of one deployment: push, build and jobs, waiting, each step. The root begins with the push and ends with
 * the deployment. The same deployment always has the same ids, so what is sent twice is one trace.
 */
export function traceOf(facts: TraceFacts): TraceSpan[] {
  const { deployment, push, build } = facts;
  const traceId = digits(deployment.uuid, 32);
  const end = Date.parse(deployment.ended_at);
  const span = (
    key: string,
    parentId: string | null,
    name: string,
    [from, to]: readonly [string, string | null],
    rest: Partial<Pick<TraceSpan, 'error' | 'attributes'>> = {},
  ): TraceSpan => {
    const start = Date.parse(from);
    // A clock that was set back makes no negative stretch.
    const stop = Math.max(start, to === null ? end : Date.parse(to));
    const own = { from: start, to: stop, error: null, attributes: {}, ...rest };
    return { traceId, spanId: digits(`${deployment.uuid} ${key}`, 16), parentId, name, ...own };
  };

  const begin = [push?.received_at, build?.created_at, deployment.accepted_at]
    .filter((at) => at !== undefined)
    .sort()[0];
  const failed = deployment.status === 'FAILED' ? (deployment.reason ?? 'failed') : null;
  const root = span(
    'root',
    null,
    `${deployment.application} ${deployment.environment}`,
    [begin ?? deployment.accepted_at, deployment.ended_at],
    {
      error: failed,
      attributes: {
        'sluice.application': deployment.application,
        'deployment.environment.name': deployment.environment,
        'sluice.deployment': deployment.uuid,
        'sluice.deployment.number': deployment.number,
        'sluice.deployment.status': deployment.status,
        'sluice.requested_by': deployment.requested_by,
        'sluice.via': deployment.via,
        ...(deployment.sha === null ? {} : { 'vcs.ref.head.revision': deployment.sha }),
        ...(push === null ? {} : { 'vcs.ref.head.name': push.ref }),
      },
    },
  );
  const spans = [root];
  if (build !== null) spans.push(...buildSpans(facts, build, root.spanId, span));
  const whole = span(
    'deployment',
    root.spanId,
    `deployment #${deployment.number}`,
    [deployment.accepted_at, deployment.ended_at],
    { error: failed },
  );
  spans.push(whole);
  const turn = [deployment.accepted_at, deployment.running_at] as const;
  spans.push(span('waiting', whole.spanId, 'waiting for its turn', turn));
  for (const [index, step] of facts.steps.entries()) {
    const error = step.outcome === 'failed' ? (step.detail ?? 'failed') : null;
    const range = [step.started_at, step.ended_at] as const;
    spans.push(
      span(`step ${index}`, whole.spanId, step.step.toLowerCase(), range, {
        error,
        attributes: step.outcome === null ? {} : { 'sluice.outcome': step.outcome },
      }),
    );
  }
  return spans;
}

type MakeSpan = (
  key: string,
  parentId: string | null,
  name: string,
  range: readonly [string, string | null],
  rest?: Partial<Pick<TraceSpan, 'error' | 'attributes'>>,
) => TraceSpan;

const errorOf = (state: string): string | null =>
  state === 'failed' || state === 'errored' ? state : null;

function buildSpans(
  { jobs }: TraceFacts,
  build: NonNullable<TraceFacts['build']>,
  parent: string,
  span: MakeSpan,
): TraceSpan[] {
  const whole = span(
    'build',
    parent,
    `build #${build.number}`,
    [build.created_at, build.finished_at],
    { error: errorOf(build.state), attributes: { 'cicd.pipeline.result': build.state } },
  );
  const spans = [whole];
  for (const job of jobs) {
    if (job.started_at === null) continue;
    const name = `job ${build.number}.${job.number}`;
    if (job.queued_at !== null) {
      const range = [job.queued_at, job.started_at] as const;
      spans.push(span(`${name} queue`, whole.spanId, `${name} waits for a runner`, range));
    }
    spans.push(
      span(name, whole.spanId, name, [job.started_at, job.finished_at], {
        error: errorOf(job.state),
        attributes: {
          'cicd.pipeline.task.run.result': job.state,
          ...(job.name === null ? {} : { 'cicd.pipeline.task.name': job.name }),
          ...(job.stage_name === null ? {} : { 'sluice.stage': job.stage_name }),
          ...(job.lease_runner === null ? {} : { 'cicd.worker.name': job.lease_runner }),
        },
      }),
    );
  }
  return spans;
}

const digits = (text: string, count: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, count);
