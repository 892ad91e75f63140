import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { type ErrorCode, SluiceError } from '../../errors.ts';
import { embeddedTroubleOf, troubleOf } from '../../store/trouble.ts';
import { STATUSES } from '../errors.ts';
import { CROSS_SITE } from '../same-origin.ts';

/** The statuses of which the `travis` command makes its own words; the others it shows with their body. */
const OWN_STATUSES: Readonly<Partial<Record<ErrorCode, number>>> = {
  invalid: 422,
  // 403 would read "invalid access token" there, though the token is good.
  forbidden: 404,
};

/** Reason of an error about a token that came in a body. */
export const BAD_TOKEN = 'bad_token';

/**
 * The errors of the Travis API (spec/travis.md 15): 401 says "not logged in", 403 "invalid access token", 404 that
 * there is nothing of that name which one may use, 422 that the input is not valid.
 */
export function addTravisErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: unknown, request, reply) => {
    const { status, code, message } = answerFor(error, request);
    if (status >= 500) request.log.error({ err: error }, 'request failed');
    if (status === 429) reply.header('retry-after', '60');
    return reply
      .code(status)
      .type('application/json; charset=utf-8')
      .send({ error_type: code, error_message: message });
  });
}

function answerFor(
  thrown: unknown,
  request: FastifyRequest,
): { status: number; code: string; message: string } {
  const error = troubleOf(thrown) ?? embeddedTroubleOf(thrown) ?? thrown;
  if (error instanceof SluiceError && error.code !== 'internal') {
    const { code, message, remedy, reason } = error;
    const isBadToken =
      reason === BAD_TOKEN ||
      (code === 'unauthenticated' && request.headers.authorization !== undefined);
    // The command has no cookies, so it never meets the second.
    const isForbidden = isBadToken || reason === CROSS_SITE;
    const status = isForbidden ? 403 : (OWN_STATUSES[code] ?? STATUSES[code]);
    return { status, code, message: remedy === null ? message : `${message} ${remedy}` };
  }
  const { validation, statusCode = 500, message } = error as Partial<FastifyError>;
  if (validation !== undefined || statusCode === 400) {
    return { status: 422, code: 'invalid', message: (message ?? 'not valid').slice(0, 300) };
  }
  if (statusCode === 413) {
    return { status: 413, code: 'too_large', message: 'The request body is too large.' };
  }
  const text = `Something went wrong on the server; its log says more (${request.id}).`;
  return { status: 500, code: 'internal', message: text };
}
