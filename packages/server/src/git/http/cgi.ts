import { Transform, type TransformCallback } from 'node:stream';

export interface CgiHead {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
}

const LONGEST_HEAD_BYTES = 64 * 1024;

/**
 * Splits what a CGI program writes: calls `onHead` once with status and headers, then passes the body on chunk by
 * chunk. Fails when the program ends before its headers do.
 */
export function splitCgi(onHead: (head: CgiHead) => void): Transform {
  let pending: Buffer | null = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
      if (pending === null) {
        done(null, chunk);
        return;
      }
      pending = Buffer.concat([pending, chunk]);
      const end = headEnd(pending);
      if (end === null) {
        done(pending.length > LONGEST_HEAD_BYTES ? new Error('endless CGI headers') : null);
        return;
      }
      const head = parseHead(pending.subarray(0, end.at).toString('latin1'));
      const rest = pending.subarray(end.at + end.length);
      pending = null;
      onHead(head);
      done(null, rest);
    },
    flush(done: TransformCallback) {
      done(pending === null ? null : new Error('the program ended before its CGI headers'));
    },
  });
}

function headEnd(buffer: Buffer): { at: number; length: number } | null {
  const crlf = buffer.indexOf('\r\n\r\n');
  const lf = buffer.indexOf('\n\n');
  if (crlf >= 0 && (lf < 0 || crlf < lf)) return { at: crlf, length: 4 };
  return lf >= 0 ? { at: lf, length: 2 } : null;
}

function parseHead(text: string): CgiHead {
  let status = 200;
  const headers: [string, string][] = [];
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10) || 500;
    else headers.push([name, value]);
  }
  return { status, headers };
}
