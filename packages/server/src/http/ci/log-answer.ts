import type { JobLogChunk, JobLogQuery } from '@sluice/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Ci } from '../../ci/index.ts';

const MAX_WAIT_SECONDS = 60;

/**
 * A job's log: for `Accept: application/json` a long-polled part, else the log so far as plain text. Plain text is
 * never sniffed for markup: what a job prints must not run in a reader's browser.
 */
export async function answerLog(
  ci: Ci,
  request: FastifyRequest,
  reply: FastifyReply,
  jobId: number,
  query: JobLogQuery,
): Promise<FastifyReply | JobLogChunk> {
  const offset = query.offset ?? 0;
  if (request.headers.accept?.includes('application/json') !== true) {
    const bytes = await ci.jobs.logBytes(jobId, offset);
    return reply
      .header('content-type', 'text/plain; charset=utf-8')
      .header('x-content-type-options', 'nosniff')
      .header('content-security-policy', "default-src 'none'; sandbox")
      .send(bytes);
  }
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const part = await ci.jobs.log(jobId, {
    offset,
    waitMs: Math.min(query.wait ?? 0, MAX_WAIT_SECONDS) * 1000,
    signal: gone.signal,
    ...(query.attempt === undefined ? {} : { attempt: query.attempt }),
  });
  return {
    text: part.text,
    next_offset: part.nextOffset,
    ended: part.ended,
    attempt: part.attempt,
  };
}
