import { REASON_HEADER } from '@sluice/contract';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, SluiceError } from '../errors.ts';
import { embeddedTroubleOf, troubleOf } from '../store/trouble.ts';
import { collectMethods } from './methods.ts';

/** The one place where a code becomes a status. */
export const STATUSES: Readonly<Record<ErrorCode, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
};

/** Whoever sends too much gets so long to finish, so that they come to read why it was refused. */
const READ_ON_MS = 20_000;

const NO_ADDRESS = 'Not found. /api/openapi.json lists every address that there is.';

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly reason?: string | null;
}

/** Turns whatever was thrown into the error shapes of the v3 API (spec/divio.md 4.1). Never shows a stack trace. */
export function addErrorHandler(app: FastifyInstance): void {
  const methodsOf = collectMethods(app);
  app.setErrorHandler((error: unknown, request, reply) => {
    const answer = answerFor(error, request);
    if (answer.status >= 500) request.log.error({ err: error }, 'request failed');
    return send(reply, answer);
  });
  app.setNotFoundHandler((request, reply) => {
    const allowed = methodsOf(request.url.split('?', 1)[0] ?? '').join(', ');
    if (allowed === '') return send(reply, { status: 404, body: { detail: NO_ADDRESS } });
    reply.header('allow', allowed);
    if (request.method === 'OPTIONS') return reply.code(204).send();
    const detail = `This address does not take ${request.method}. Use ${allowed}.`;
    return send(reply, { status: 405, body: { detail } });
  });
}

/** For what Fastify refuses before it knows a route, such as an address that cannot be decoded. */
export function answerFrameworkError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  void send(reply, answerFor(error, request));
}

function send(reply: FastifyReply, { status, body, reason }: Answer) {
  if (reason) reply.header(REASON_HEADER, reason);
  if (status === 401) reply.header('www-authenticate', 'Token');
  if (status === 429) reply.header('retry-after', '60');
  if (status === 503) reply.header('retry-after', '5');
  if (status === 413) readOn(reply);
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
}

/**
 * Fastify would close the connection under a sender who is still at it: most clients then report a broken pipe and
 * never see the answer. Node throws the rest of the body away by itself once the answer is sent.
 */
function readOn(reply: FastifyReply): void {
  reply.removeHeader('connection');
  const { raw } = reply.request;
  const cut = setTimeout(() => raw.destroy(), READ_ON_MS);
  raw.once('close', () => clearTimeout(cut));
}

function answerFor(error: unknown, request: FastifyRequest): Answer {
  if (error instanceof SluiceError) return answerForSluiceError(error, request);
  const trouble = troubleOf(error) ?? embeddedTroubleOf(error);
  if (trouble !== null) return answerForSluiceError(trouble, request);
  if (isFastifyError(error)) {
    if (error.validation !== undefined) {
      return { status: 400, body: validationBody(error.validation) };
    }
    const status = error.statusCode ?? 500;
    // The message would repeat the address, which may be long and in no language.
    if (error.code === 'FST_ERR_BAD_URL' || error.code === 'FST_ERR_MAX_PARAM_LENGTH') {
      return { status, body: { detail: 'This address is not valid.' } };
    }
    if (status === 413) return { status, body: { detail: 'The request body is too large.' } };
    if (status === 415) {
      return { status, body: { detail: 'Send JSON or application/x-www-form-urlencoded.' } };
    }
    if (status >= 400 && status < 500) {
      return { status, body: { detail: short(error.message) } };
    }
  }
  const text = error instanceof Error ? error.message : String(error);
  if (/ENOSPC|disk is full|SQLITE_FULL/i.test(text)) {
    return { status: 503, body: { detail: "The server's disk is full; nothing was changed." } };
  }
  if (/database is (locked|busy)/i.test(text)) {
    return { status: 503, body: { detail: 'The database is busy; try again.' } };
  }
  return internal(request);
}

function answerForSluiceError(error: SluiceError, request: FastifyRequest): Answer {
  const status = STATUSES[error.code];
  const { reason, fields } = error;
  if (status === 500) return internal(request);
  const text = error.remedy === null ? error.message : `${error.message} ${error.remedy}`;
  if (fields !== null || status === 400) {
    return { status, reason, body: { ...(fields ?? { non_field_errors: [text] }) } };
  }
  return { status, reason, body: { detail: text } };
}

const internal = (request: FastifyRequest): Answer => ({
  status: 500,
  body: { detail: `Something went wrong on the server; its log says more (${request.id}).` },
});

interface Complaint {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Record<string, unknown>;
  readonly message?: string;
}

/** One text for each field, the first that was found: of a union only the last line speaks for the whole. */
function validationBody(complaints: readonly Complaint[]): Record<string, string[]> {
  const body: Record<string, string[]> = {};
  for (const complaint of complaints) {
    const required = complaint.params['requiredProperties'];
    if (complaint.keyword === 'required' && Array.isArray(required)) {
      const inside = fieldOf(complaint.instancePath);
      for (const name of required) body[inside ?? String(name)] ??= ['This field is required.'];
      continue;
    }
    // Each unknown field has a complaint of its own besides.
    if (complaint.keyword === 'additionalProperties') continue;
    const field = fieldOf(complaint.instancePath) ?? 'non_field_errors';
    if (complaint.keyword === 'type' && complaint.instancePath === '') {
      body[field] ??= ['Send the fields as one JSON object, or as a form.'];
      continue;
    }
    body[field] ??= [wording(complaint)];
  }
  return body;
}

function wording({ keyword, params, message }: Complaint): string {
  if (keyword === 'enum' && Array.isArray(params['allowedValues'])) {
    return `Use one of ${params['allowedValues'].join(', ')}.`;
  }
  // How the validator puts it that a name is not among those of a closed object.
  if (message === 'schema is false') return 'There is no such field.';
  const type = params['type'];
  if (keyword === 'type' && typeof type === 'string' && type !== 'null') {
    return `This must be ${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}.`;
  }
  const text = message ?? 'is not valid';
  return `This ${text}.`;
}

function fieldOf(instancePath: string): string | null {
  const [, first] = instancePath.split('/');
  return first === undefined || first === '' ? null : first;
}

const short = (text: string): string => (text.length > 300 ? `${text.slice(0, 297)}...` : text);

function isFastifyError(error: unknown): error is FastifyError & { validation?: Complaint[] } {
  return error instanceof Error && ('statusCode' in error || 'validation' in error);
}
