/**
 * The one error that rooms throw on purpose. Code branches on `code` and `reason`, never on text;
 * `http/` alone knows which status a code becomes.
 */
export type ErrorCode =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'unavailable'
  | 'rate_limited'
  | 'internal';

export interface ErrorDetails {
  /** Finer code for programs, such as `already_live` or `no_image`. */
  readonly reason?: string;
  /** Messages by field of the request, as the v3 API answers them. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
  /** What the reader can do about it, one sentence. */
  readonly remedy?: string;
  readonly cause?: unknown;
}

export class SluiceError extends Error {
  override readonly name = 'SluiceError';
  readonly code: ErrorCode;
  readonly reason: string | null;
  readonly fields: Readonly<Record<string, readonly string[]>> | null;
  readonly remedy: string | null;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.reason = details.reason ?? null;
    this.fields = details.fields ?? null;
    this.remedy = details.remedy ?? null;
  }
}
