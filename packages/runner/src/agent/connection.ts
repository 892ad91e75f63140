import type { Readable } from 'node:stream';
import {
  type FinishRequest,
  HelloAnswer,
  type HelloRequest,
  JobDeployAnswer,
  LeasedJob,
  type LeaseRequest,
  REASON_HEADER,
  RegisterAnswer,
  type RegisterRequest,
  RenewAnswer,
  RUNNER_PROTOCOL,
  RUNNER_PROTOCOL_HEADER,
  type StateRequest,
  type Verdict,
} from '@sluice/contract';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { createHttpClient, type HttpAnswer, type ServerAddress } from './http.ts';

/** A job as it was leased, with the time that the lease lasts by the server's own clock. */
export interface Lease {
  job: LeasedJob;
  leaseMs: number;
}

/**
 * The server as a runner sees it (packages/contract/src/runner-protocol.ts). Every call rejects with a {@link ProtocolError}; its kind says
 * whether to try again.
 */
export interface Connection {
  /** Waits up to `waitSeconds` for a job. */
  lease(request: LeaseRequest, signal?: AbortSignal): Promise<Lease | null>;
  renew(jobId: number, leaseToken: string): Promise<{ leaseMs: number; cancelRequested: boolean }>;
  /** Answers how much of the log the server has. */
  appendLog(jobId: number, leaseToken: string, offset: number, bytes: Buffer): Promise<number>;
  notices(jobId: number, leaseToken: string, notices: string[]): Promise<void>;
  verdict(jobId: number, leaseToken: string, verdict: Verdict): Promise<void>;
  /** The deploy provider `sluice`; may be repeated. */
  deploy(
    jobId: number,
    leaseToken: string,
    wanted: { application: string | null; environment: string },
  ): Promise<JobDeployAnswer>;
  /** An archive of cached directories as a stream; null: there is none. Never repeated by itself. */
  fetchCache(
    jobId: number,
    leaseToken: string,
    slug: string,
    signal: AbortSignal,
  ): Promise<CacheArchive | null>;
  storeCache(
    jobId: number,
    leaseToken: string,
    slug: string,
    archive: { body: Readable; sizeBytes: number },
    signal: AbortSignal,
  ): Promise<void>;
  /** Keeps a file of the job; may be repeated. The server compares it with the checksum. */
  storeArtifact(jobId: number, leaseToken: string, artifact: ArtifactFile): Promise<void>;
  finish(jobId: number, request: FinishRequest): Promise<void>;
  /** The job goes back to the queue. */
  giveBack(jobId: number, leaseToken: string): Promise<void>;
  /** With a registration token: becomes a runner. */
  register(request: RegisterRequest): Promise<RegisterAnswer>;
  hello(request: HelloRequest): Promise<HelloAnswer>;
  tell(request: StateRequest): Promise<void>;
  close(): void;
}

export interface ArtifactFile {
  path: string;
  sizeBytes: number;
  /** In hex. */
  sha256: string;
  body: Readable;
  signal: AbortSignal;
}

export interface CacheArchive {
  /** Whose it is: `branch:main`, `pull:4`. */
  scope: string;
  sizeBytes: number;
  body: Readable;
}

export type ProtocolErrorKind =
  /** Somebody else has the job now, or nobody may have it any more. */
  | 'lost'
  /** The runner's token is not accepted. */
  | 'refused'
  /** The server cannot be reached or is in trouble: try again. */
  | 'unreachable'
  /** The server did not understand: trying again is no use. */
  | 'invalid'
  /** Runner and server speak different versions of the protocol. */
  | 'outdated'
  /** Another process works as this runner by now. */
  | 'superseded';

export class ProtocolError extends Error {
  readonly kind: ProtocolErrorKind;
  /** The server's finer code, such as `artifacts_full`; null: none is known. */
  readonly reason: string | null;
  constructor(
    kind: ProtocolErrorKind,
    message: string,
    options: ErrorOptions & { reason?: string } = {},
  ) {
    super(message, options);
    this.name = 'ProtocolError';
    this.kind = kind;
    this.reason = options.reason ?? null;
  }
}

const REQUEST_MS = 30_000;
/** Whoever transfers an archive sets a shorter limit by its signal. */
const LONGEST_TRANSFER_MS = 2 ** 31 - 1;
const CACHE_TYPE = 'application/x-gtar-compressed';
const ARTIFACT_TYPE = 'application/x-sluice-artifact';
/** On top of the time that the server itself may wait. */
const LEASE_SLACK_MS = 15_000;

/** @param address the server, or its Unix socket, which needs no token */
export function connect(address: ServerAddress & { token?: string }): Connection {
  const http = createHttpClient(address, address.token ?? null);
  const call = async (
    path: string,
    body: unknown,
    options: { timeoutMs?: number; signal?: AbortSignal; headers?: Record<string, string> } = {},
  ): Promise<HttpAnswer> => {
    const raw = Buffer.isBuffer(body);
    const answer = await http
      .request({
        method: 'POST',
        path: `/runner/v1/${path}`,
        headers: {
          'content-type': raw ? 'application/octet-stream' : 'application/json',
          [RUNNER_PROTOCOL_HEADER]: String(RUNNER_PROTOCOL),
          ...options.headers,
        },
        body: raw ? body : Buffer.from(JSON.stringify(body)),
        timeoutMs: options.timeoutMs ?? REQUEST_MS,
        ...(options.signal ? { signal: options.signal } : {}),
      })
      .catch((error: unknown) => {
        throw new ProtocolError('unreachable', messageOf(error), { cause: error });
      });
    if (answer.status >= 200 && answer.status < 300) return answer;
    const kind = KINDS[String(answer.headers[REASON_HEADER.toLowerCase()])];
    if (kind !== undefined) throw new ProtocolError(kind, sentenceIn(answer.body) ?? kind);
    throw new ProtocolError(
      kindOf(answer.status),
      `${path}: ${answer.status} ${excerpt(answer.body)}`,
    );
  };

  /** A body in one direction or the other; the answer's is still on the way. */
  const transfer = async (
    method: 'GET' | 'PUT',
    path: string,
    headers: Record<string, string>,
    signal: AbortSignal,
    sent?: { body: Readable; sizeBytes: number },
  ) => {
    const response = await http
      .stream({
        ...{ method, headers, signal, path: `/runner/v1/${path}`, timeoutMs: LONGEST_TRANSFER_MS },
        ...(sent ? { body: sent.body, bodyBytes: sent.sizeBytes } : {}),
      })
      .catch((error: unknown) => {
        throw new ProtocolError('unreachable', messageOf(error), { cause: error });
      });
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return response;
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const reason = response.headers[REASON_HEADER.toLowerCase()];
    throw new ProtocolError(
      kindOf(status),
      sentenceIn(Buffer.concat(chunks)) ?? `HTTP ${status}`,
      typeof reason === 'string' ? { reason } : {},
    );
  };
  const cachePath = (jobId: number, slug: string) =>
    `jobs/${jobId}/cache?slug=${encodeURIComponent(slug)}`;

  return {
    async lease(request, signal) {
      const answer = await call('lease', request, {
        timeoutMs: request.waitSeconds * 1000 + LEASE_SLACK_MS,
        ...(signal ? { signal } : {}),
      });
      if (answer.status === 204) return null;
      const job = parse(LeasedJob, answer.body);
      return { job, leaseMs: leaseMs(answer, job.expiresAt) };
    },
    async renew(jobId, leaseToken) {
      const answer = await call(`jobs/${jobId}/renew`, { leaseToken });
      const { expiresAt, cancelRequested } = parse(RenewAnswer, answer.body);
      return { leaseMs: leaseMs(answer, expiresAt), cancelRequested };
    },
    async appendLog(jobId, leaseToken, offset, bytes) {
      const headers = { 'x-lease': leaseToken };
      const answer = await call(`jobs/${jobId}/log?offset=${offset}`, bytes, { headers });
      const parsed: unknown = JSON.parse(answer.body.toString('utf8'));
      const size =
        typeof parsed === 'object' && parsed !== null && 'size' in parsed ? parsed.size : null;
      if (typeof size !== 'number')
        throw new ProtocolError('invalid', 'log: no size in the answer');
      return size;
    },
    async notices(jobId, leaseToken, notices) {
      await call(`jobs/${jobId}/notices`, { leaseToken, notices });
    },
    async verdict(jobId, leaseToken, verdict) {
      await call(`jobs/${jobId}/verdict`, { leaseToken, verdict });
    },
    async deploy(jobId, leaseToken, wanted) {
      const answer = await call(`jobs/${jobId}/deploy`, { leaseToken, ...wanted });
      return parse(JobDeployAnswer, answer.body);
    },
    async finish(jobId, request) {
      await call(`jobs/${jobId}/finish`, request);
    },
    async giveBack(jobId, leaseToken) {
      await call(`jobs/${jobId}/give-back`, { leaseToken });
    },
    async register(request) {
      return parse(RegisterAnswer, (await call('register', request)).body);
    },
    async hello(request) {
      return parse(HelloAnswer, (await call('hello', request)).body);
    },
    async tell(request) {
      await call('state', request);
    },
    async fetchCache(jobId, leaseToken, slug, signal) {
      const response = await transfer(
        'GET',
        cachePath(jobId, slug),
        { 'x-lease': leaseToken },
        signal,
      );
      if (response.statusCode === 204) {
        response.resume();
        return null;
      }
      return {
        scope: decodeURIComponent(String(response.headers['x-cache-scope'] ?? '')),
        sizeBytes: Number(response.headers['content-length'] ?? 0),
        body: response,
      };
    },
    async storeCache(jobId, leaseToken, slug, archive, signal) {
      const headers = { 'x-lease': leaseToken, 'content-type': CACHE_TYPE };
      (await transfer('PUT', cachePath(jobId, slug), headers, signal, archive)).resume();
    },
    async storeArtifact(jobId, leaseToken, { path, sha256, signal, ...sent }) {
      const headers = {
        ...{ 'x-lease': leaseToken, 'x-sha256': sha256, 'content-type': ARTIFACT_TYPE },
      };
      const target = `jobs/${jobId}/artifacts?path=${encodeURIComponent(path)}`;
      (await transfer('PUT', target, headers, signal, sent)).resume();
    },
    close: () => http.close(),
  };
}

function parse<T extends TSchema>(schema: T, body: Buffer): Static<T> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new ProtocolError('invalid', 'The answer is not JSON.', { cause: error });
  }
  if (Value.Check(schema, value)) return value as Static<T>;
  const [first] = Value.Errors(schema, value);
  const where = first ? `${first.instancePath || '/'} ${first.message}` : 'wrong shape';
  throw new ProtocolError('invalid', `The answer is not what the protocol says: ${where}`);
}

/** The clocks of runner and server may differ by days (spec/faults.md 9): measured by the server's own `Date`. */
function leaseMs(answer: HttpAnswer, expiresAt: string): number {
  const sent = Date.parse(answer.headers.date ?? '');
  const now = Number.isNaN(sent) ? Date.now() : sent;
  return Math.max(1_000, Date.parse(expiresAt) - now);
}

/** By the server's reason, where it gives one that matters here. */
const KINDS: Readonly<Record<string, ProtocolErrorKind>> = {
  runner_outdated: 'outdated',
  server_outdated: 'outdated',
  runner_superseded: 'superseded',
  registration_token: 'refused',
};

function kindOf(status: number): ProtocolErrorKind {
  if (status === 409 || status === 404 || status === 410) return 'lost';
  if (status === 401 || status === 403) return 'refused';
  if (status >= 500 || status === 429 || status === 408) return 'unreachable';
  return 'invalid';
}

/** What the server says to people, in its JSON. */
function sentenceIn(body: Buffer): string | null {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null) return null;
    const { detail, non_field_errors: general } = parsed as Record<string, unknown>;
    const text = typeof detail === 'string' ? detail : Array.isArray(general) ? general[0] : null;
    return typeof text === 'string' ? text.slice(0, 500) : null;
  } catch {
    return null;
  }
}

const excerpt = (body: Buffer) => body.subarray(0, 200).toString('utf8').replaceAll(/\s+/g, ' ');
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
