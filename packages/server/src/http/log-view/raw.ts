import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logs, ReadableLog } from '../../logs/index.ts';

/**
 * A log as a file to keep: as it is now, or the range of bytes that was asked for (RFC 9110, 14). Plain text is never
 * sniffed for markup: what a job prints must not run in a reader's browser.
 */
export async function sendRaw(
  logs: Logs,
  log: ReadableLog,
  fileName: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const size = await logs.size(log);
  reply
    .header('content-type', 'text/plain; charset=utf-8')
    .header('content-disposition', `attachment; filename="${fileName.replace(/[^\w.-]/g, '_')}"`)
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', "default-src 'none'; sandbox")
    .header('accept-ranges', 'bytes');
  const range = readRange(request.headers.range, size);
  if (range === 'unsatisfiable') {
    return reply.code(416).header('content-range', `bytes */${size}`).send('');
  }
  const { start, end } = range ?? { start: 0, end: size };
  if (range !== null) {
    reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${size}`);
  }
  reply.header('content-length', end - start);
  return reply.send(logs.bytes(log, start, end));
}

/** One range, its end exclusive. What is not understood, also several ranges, is answered with the whole. */
function readRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return null;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size };
  }
  const start = Number(first);
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  if (last !== '' && Number(last) < start) return null;
  return start >= size ? 'unsatisfiable' : { start, end };
}
