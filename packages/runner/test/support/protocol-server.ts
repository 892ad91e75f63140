import { execFile } from 'node:child_process';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  FinishRequest,
  type JobPayload,
  LeaseRequest,
  NoticesRequest,
  VerdictRequest,
} from '@sluice/contract';
import { Value } from 'typebox/value';

/** What the server knows of one job. */
export interface ServedJob {
  payload: JobPayload;
  leaseToken: string;
  log: Buffer;
  /** Where each chunk was said to begin, duplicates included. */
  offsets: number[];
  notices: string[];
  verdicts: string[];
  finishes: FinishRequest[];
  cancelRequested: boolean;
  lost: boolean;
  renewals: number;
}

/** What a request runs into, for tests of bad connections. */
export type Mishap = 'drop-before' | 'drop-after' | 'unavailable' | null;

/**
 * The server's side of the runner protocol, over real HTTP: jobs are queued by a test, leased by runners, and
 * everything that runners say is kept. Events wake whoever waits for a state.
 */
export class ProtocolServer {
  readonly jobs: ServedJob[] = [];
  readonly queue: ServedJob[] = [];
  /** Set by a test: what the next requests run into, by kind of request. */
  mishap: (kind: string) => Mishap = () => null;
  /** Set by a test: holds the answers to requests of a kind back until the promise resolves. */
  hold: (kind: string, job: ServedJob | null) => Promise<void> | null = () => null;
  /** What the clock of this server is ahead of the machine's. */
  clockAheadMs = 0;
  leaseMs = 5_000;
  socketPath: string | null = null;
  private readonly server: http.Server;
  private readonly waiting = new Set<() => void>();

  constructor() {
    this.server = http.createServer((request, response) => {
      void this.serve(request, response).catch((error: unknown) => {
        response.statusCode = 500;
        response.end(String(error));
      });
    });
  }

  async listen(socketPath?: string): Promise<void> {
    this.socketPath = socketPath ?? null;
    await new Promise<void>((resolve) => {
      if (socketPath) this.server.listen(socketPath, resolve);
      else this.server.listen(0, '127.0.0.1', resolve);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  add(payload: JobPayload): ServedJob {
    const job: ServedJob = {
      payload,
      leaseToken: `lease-${payload.jobId}-${this.jobs.length}`,
      log: Buffer.alloc(0),
      offsets: [],
      notices: [],
      verdicts: [],
      finishes: [],
      cancelRequested: false,
      lost: false,
      renewals: 0,
    };
    this.jobs.push(job);
    this.queue.push(job);
    this.changed();
    return job;
  }

  /** Resolves when `state` holds; a test's own time-out is the limit. */
  async until(state: () => boolean): Promise<void> {
    while (!state()) await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  private changed(): void {
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const body = await readAll(request);
    const url = new URL(request.url ?? '/', 'http://x');
    const [, , , kindOrJobs = '', id = '', action = ''] = url.pathname.split('/');
    const kind = kindOrJobs === 'jobs' ? action : kindOrJobs;
    const mishap = this.mishap(kind);
    if (mishap === 'drop-before') return void request.socket.destroy();
    if (mishap === 'unavailable') return void response.writeHead(503).end('restarting');
    response.setHeader('date', new Date(Date.now() + this.clockAheadMs).toUTCString());
    const job = kind === 'lease' ? null : this.find(Number(id), request, body);
    if (kind !== 'lease' && job === null)
      return void response.writeHead(409).end('the lease is lost');
    const held = this.hold(kind, job);
    if (held) await held;
    const answer =
      kind === 'lease' ? await this.lease(body, response) : this.act(kind, job, body, url);
    this.changed();
    if (mishap === 'drop-after') return void request.socket.destroy();
    if (answer === null) return void response.writeHead(204).end();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  }

  private find(jobId: number, request: http.IncomingMessage, body: Buffer): ServedJob | null {
    const token =
      request.headers['x-lease'] ??
      (JSON.parse(body.toString()) as { leaseToken: string }).leaseToken;
    const job = this.jobs.find((one) => one.payload.jobId === jobId && one.leaseToken === token);
    return job && !job.lost ? job : null;
  }

  private async lease(body: Buffer, response: http.ServerResponse): Promise<unknown> {
    const request = Value.Parse(LeaseRequest, JSON.parse(body.toString()));
    const until = Date.now() + request.waitSeconds * 1000;
    while (this.queue.length === 0 && Date.now() < until && !response.destroyed) {
      await Promise.race([
        new Promise<void>((resolve) => this.waiting.add(resolve)),
        new Promise((resolve) => setTimeout(resolve, until - Date.now()).unref()),
      ]);
    }
    const job = response.destroyed ? undefined : this.queue.shift();
    if (!job) return null;
    return { leaseToken: job.leaseToken, expiresAt: this.expiresAt(), payload: job.payload };
  }

  private act(kind: string, job: ServedJob | null, body: Buffer, url: URL): unknown {
    if (!job) throw new Error('no job');
    switch (kind) {
      case 'renew':
        job.renewals++;
        return { expiresAt: this.expiresAt(), cancelRequested: job.cancelRequested };
      case 'log': {
        const offset = Number(url.searchParams.get('offset'));
        if (offset > job.log.length) throw new Error(`gap: ${offset} > ${job.log.length}`);
        job.offsets.push(offset);
        job.log = Buffer.concat([job.log, body.subarray(job.log.length - offset)]);
        return { size: job.log.length };
      }
      case 'notices':
        job.notices.push(...Value.Parse(NoticesRequest, JSON.parse(body.toString())).notices);
        return null;
      case 'verdict':
        job.verdicts.push(Value.Parse(VerdictRequest, JSON.parse(body.toString())).verdict);
        return null;
      case 'finish':
        job.finishes.push(Value.Parse(FinishRequest, JSON.parse(body.toString())));
        return null;
      default:
        throw new Error(`unknown: ${kind}`);
    }
  }

  private expiresAt(): string {
    return new Date(Date.now() + this.clockAheadMs + this.leaseMs).toISOString();
  }
}

async function readAll(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/**
 * Real git over HTTP for one directory of repositories, by `git http-backend`, that lets in only whoever sends the job's
 * credential. What was asked for is kept.
 */
export async function serveGit(
  root: string,
  token: string,
): Promise<{ url: string; close(): Promise<void>; refused: number }> {
  const expected = `Basic ${Buffer.from(`x-job:${token}`).toString('base64')}`;
  const state = { refused: 0 };
  const server = http.createServer(async (request, response) => {
    if (request.headers.authorization !== expected) {
      state.refused++;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    const body = await readAll(request);
    const url = new URL(request.url ?? '/', 'http://x');
    const child = execFile(
      'git',
      ['http-backend'],
      {
        encoding: 'buffer',
        maxBuffer: 64 * 1024 ** 2,
        env: {
          PATH: process.env['PATH'],
          GIT_PROJECT_ROOT: root,
          GIT_HTTP_EXPORT_ALL: '1',
          PATH_INFO: url.pathname,
          QUERY_STRING: url.search.slice(1),
          REQUEST_METHOD: request.method,
          CONTENT_TYPE: request.headers['content-type'] ?? '',
          CONTENT_LENGTH: String(body.length),
          GIT_PROTOCOL: request.headers['git-protocol'] as string | undefined,
          HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
          REMOTE_USER: 'x-job',
        },
      },
      (_error, stdout) => {
        const split = stdout.indexOf('\r\n\r\n');
        for (const line of stdout.subarray(0, split).toString().split('\r\n')) {
          const [name = '', value = ''] = line.split(': ');
          if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
          else if (name !== '') response.setHeader(name, value);
        }
        response.end(stdout.subarray(split + 4));
      },
    );
    // It may have answered without reading all.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
    get refused() {
      return state.refused;
    },
  };
}
