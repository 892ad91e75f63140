import { type Static, Type } from 'typebox';
import { Nullable, Time } from './common.ts';

/**
 * A log as a reader of lines sees it; the same below `/ci/v3/jobs/N/log/` and `/apps/v3/deployments/UUID/log/`:
 * `outline/`, `lines/?from=&count=`, `search/?q=`, `stream/?offset=` (server-sent events), `raw/` (a download).
 * Lines are numbered from 1 and end at `\n`. Job logs take `attempt=`, default: the newest.
 */
export const LogViewQuery = Type.Object({
  /** Of a job, default and at most the newest. */
  attempt: Type.Optional(Type.Integer({ minimum: 1 })),
});
export type LogViewQuery = Static<typeof LogViewQuery>;

export const LogLinesQuery = Type.Intersect([
  LogViewQuery,
  Type.Object({
    from: Type.Optional(Type.Integer({ minimum: 1 })),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
  }),
]);

export const LogSearchQuery = Type.Intersect([
  LogViewQuery,
  Type.Object({
    q: Type.String({ minLength: 1, maxLength: 500 }),
    /** How many lines at most, default 1000. */
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  }),
]);

export const LogStreamQuery = Type.Intersect([
  LogViewQuery,
  /** In bytes; the header `Last-Event-ID` goes before it. */
  Type.Object({ offset: Type.Optional(Type.Integer({ minimum: 0 })) }),
]);

export const LogFold = Type.Object({
  name: Type.String(),
  /** What to show in place of the folded lines: the command. */
  title: Type.String(),
  /** First and last line; `end` is null while it is open. */
  start: Type.Integer(),
  end: Nullable(Type.Integer()),
  /** From the log's `travis_time` marks, for a deployment's sections from arrival times; null where it has none. */
  duration_ms: Nullable(Type.Number()),
});
export type LogFold = Static<typeof LogFold>;

export const LogOutline = Type.Object({
  /** Lines so far; a last one without `\n` counts. */
  lines: Type.Integer(),
  bytes: Type.Integer(),
  /** The line that is being written or comes next, and the offset to watch from to see all of it. */
  tail: Type.Object({ line: Type.Integer(), offset: Type.Integer() }),
  ended: Type.Boolean(),
  attempt: Nullable(Type.Integer()),
  folds: Type.Array(LogFold),
  /** Commands outside of folds that the log has a time of, by the line of the command. */
  timings: Type.Array(Type.Object({ line: Type.Integer(), duration_ms: Type.Number() })),
});
export type LogOutline = Static<typeof LogOutline>;

export const LogLine = Type.Object({
  n: Type.Integer(),
  /** Raw, with its ANSI sequences, carriage returns and marks; what is over 64 KiB is cut off, and said at its end. */
  text: Type.String(),
  /** When it arrived; null for logs written before times were kept. */
  at: Nullable(Time),
});
export type LogLine = Static<typeof LogLine>;

export const LogLines = Type.Object({
  lines: Type.Array(LogLine),
  /** Of the whole log, as known now. */
  total: Type.Integer(),
  ended: Type.Boolean(),
});
export type LogLines = Static<typeof LogLines>;

/**
 * The data of each event of `stream/`, as JSON; its id is the offset after `text`, to go on from. The last event is
 * `event: end`. A connection that closes without it is opened again, as browsers do by themselves.
 */
export const LogPart = Type.Object({
  /** In bytes, of `text` in the log. */
  offset: Type.Integer(),
  /** Whole UTF-8 characters. */
  text: Type.String(),
  /** When it arrived, for what arrives while one watches. */
  at: Nullable(Time),
});
export type LogPart = Static<typeof LogPart>;

export const LogMatches = Type.Object({
  /** Line numbers, ascending. */
  lines: Type.Array(Type.Integer()),
  /** False when there are more than were asked for. */
  complete: Type.Boolean(),
});
export type LogMatches = Static<typeof LogMatches>;
