import { type Static, type TSchema, Type } from 'typebox';

/** A value or JSON null. */
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** Opaque to clients; always contains a non-digit, for digits alone mean a website id (spec/divio.md 1). */
export const Uuid = Type.String({ minLength: 1, maxLength: 64 });

/** ISO 8601, UTC, ending in `Z`. */
export const Time = Type.String();

/** A page of a list. `next` and `previous` are absolute URLs on the address that the client used. */
export const listOf = <T extends TSchema>(item: T) =>
  Type.Object({
    count: Type.Integer(),
    next: Nullable(Type.String()),
    previous: Nullable(Type.String()),
    results: Type.Array(item),
  });

export interface ListOf<T> {
  readonly count: number;
  readonly next: string | null;
  readonly previous: string | null;
  readonly results: T[];
}

/** A query parameter that may be repeated: an "in" filter (spec/divio.md 4.1). */
export const Filter = Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())]));

export const PageQuery = {
  page: Type.Optional(Type.Integer({ minimum: 1 })),
  /** 100 when it is absent, at most 1000. */
  page_size: Type.Optional(Type.Integer({ minimum: 1 })),
};

/** A long poll on a log: answers at once when there is something after `offset`, else within `wait` seconds. */
export const LogQuery = Type.Object({
  /** In bytes, from the stream's start. */
  offset: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Seconds, at most 60. */
  wait: Type.Optional(Type.Number({ minimum: 0 })),
});
export type LogQuery = Static<typeof LogQuery>;

export const LogChunk = Type.Object({
  /** Whole UTF-8 characters. */
  text: Type.String(),
  next_offset: Type.Integer(),
  /** True when nothing will follow `next_offset`. */
  ended: Type.Boolean(),
});
export type LogChunk = Static<typeof LogChunk>;

/**
 * Field errors (`{"name": ["..."]}`), general ones (`{"non_field_errors": ["..."]}`), or `{"detail": "..."}`.
 * The header `X-Sluice-Reason` carries a code for programs where there is one.
 */
export const ErrorBody = Type.Record(Type.String(), Type.Unknown());
