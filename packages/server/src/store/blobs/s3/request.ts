import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import { Agent, request } from 'undici';
import { away, isPassing, type Refusal, refusalOf, refused } from './errors.ts';
import type { S3Options } from './types.ts';

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Empty: the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Answered like any other status instead of thrown. */
  readonly allow?: readonly number[];
}

export interface S3Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** To be read to its end or destroyed. */
  readonly body: Readable;
}

/** Signed requests to one bucket. */
export interface S3Wire {
  /**
   * Sends it up to three times while the storage does not answer or says that it is busy. Throws SluiceError
   * `unavailable` (`storage_away`) then, and `internal` (`storage_refused`) for every other refusal.
   */
  send(wanted: S3Request): Promise<S3Answer>;
  /** The same for answers that are small texts. */
  text(wanted: S3Request): Promise<{ status: number; headers: S3Answer['headers']; text: string }>;
  close(): Promise<void>;
}

const TRIES = 3;
const FIRST_PAUSE_MS = 200;

const sha256 = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex');

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('base64');

const EMPTY = sha256('');

export function createWire(options: S3Options): S3Wire {
  const { timeoutMs } = options;
  const agent = new Agent({
    ...{ headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connections: 32 },
    connect: { timeout: Math.min(timeoutMs, 10_000) },
  });

  /** Signed anew for each try: a signature holds for some minutes only. */
  const signed = async ({ method, key, query = {}, headers = {}, body }: S3Request) => {
    const url = addressOf(options, key);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const signer = new AwsV4Signer({
      ...{ method, url: url.href, service: 's3', region: options.region },
      ...{ accessKeyId: options.accessKey, secretAccessKey: options.secretKey },
      ...(options.sessionToken === '' ? {} : { sessionToken: options.sessionToken }),
      // The storage compares them with what arrives, the one or the other: a body that was cut short or changed is refused.
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'content-md5': md5(body) }),
        'x-amz-content-sha256': body === undefined ? EMPTY : sha256(body),
      },
    });
    return signer.sign();
  };

  const attempt = async (wanted: S3Request): Promise<S3Answer | Refusal> => {
    const { url, headers } = await signed(wanted);
    const answer = await request(url, {
      ...{ method: wanted.method, dispatcher: agent },
      headers: Object.fromEntries(headers),
      ...(wanted.body === undefined ? {} : { body: wanted.body }),
    });
    const { statusCode: status, body } = answer;
    if (status < 300 || wanted.allow?.includes(status)) {
      return { status, headers: answer.headers, body };
    }
    const { date } = answer.headers;
    return refusalOf(status, await body.text(), typeof date === 'string' ? date : null);
  };

  const send: S3Wire['send'] = async (wanted) => {
    for (let tries = 1; ; tries += 1) {
      const isLast = tries === TRIES;
      try {
        const answer = await attempt(wanted);
        if ('body' in answer) return answer;
        if (isLast || !isPassing(answer)) throw refused(options, answer);
      } catch (error) {
        if (error instanceof Error && error.name === 'SluiceError') throw error;
        if (isLast) throw away(options, error);
      }
      await pause(FIRST_PAUSE_MS * 4 ** (tries - 1) * (0.75 + Math.random() / 2));
    }
  };

  return {
    send,
    text: async (wanted) => {
      const { status, headers, body } = await send(wanted);
      const parts: Buffer[] = [];
      try {
        for await (const part of body as AsyncIterable<Buffer>) parts.push(part);
      } catch (error) {
        throw away(options, error);
      }
      return { status, headers, text: Buffer.concat(parts).toString('utf8') };
    },
    close: () => agent.destroy(),
  };
}

function addressOf({ endpoint, bucket, pathStyle, prefix }: S3Options, key: string): URL {
  const url = new URL(endpoint);
  if (!pathStyle) url.hostname = `${bucket}.${url.hostname}`;
  const base = pathStyle ? `/${bucket}` : '';
  url.pathname = key === '' ? `${base}` : `${base}/${prefix}${key}`;
  return url;
}
