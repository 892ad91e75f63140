/** The server answered with an error status. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** Messages by field; general ones are under `non_field_errors`. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  /** Code for programs, such as `already_live`; null where the server gave none. */
  readonly reason: string | null;

  constructor(
    status: number,
    message: string,
    fields: Readonly<Record<string, readonly string[]>>,
    reason: string | null,
  ) {
    super(message);
    this.status = status;
    this.fields = fields;
    this.reason = reason;
  }
}

/** No answer came: the server is not running, the name does not resolve, or the connection broke. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  readonly url: string;

  constructor(url: string, cause: unknown) {
    super(`${url} does not answer: ${causeText(cause)}`, { cause });
    this.url = url;
  }
}

/** Something answered that does not speak Sluice's API, such as another program on that port. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Reads the error shapes of the v3 API (spec/divio.md 4.1) and of the Travis API out of whatever body came. */
export function readApiError(status: number, body: string, reason: string | null): ApiError {
  const fields: Record<string, string[]> = {};
  let detail: string | null = null;
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) {
      for (const [key, value] of Object.entries(parsed)) {
        const isText = key === 'detail' || key === 'error_message';
        if (isText && typeof value === 'string') detail = value;
        else if (Array.isArray(value)) fields[key] = value.map(String);
      }
    }
  } catch {
    detail = body.slice(0, 300).trim();
  }
  const lines = Object.entries(fields).map(([field, texts]) =>
    field === 'non_field_errors' ? texts.join(' ') : `${field}: ${texts.join(' ')}`,
  );
  const message = detail ?? (lines.join('\n') || `The server answered ${status}.`);
  return new ApiError(status, message || `The server answered ${status}.`, fields, reason);
}

function causeText(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // undici hides the useful text ("connect ECONNREFUSED ...") one level down.
  const inner = cause.cause;
  if (inner instanceof AggregateError && inner.errors[0] instanceof Error) {
    return inner.errors[0].message;
  }
  return inner instanceof Error ? inner.message : cause.message;
}
