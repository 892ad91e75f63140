import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import {
  answer,
  lingerOverBody,
  redirect,
  stoppedEnvironment,
  unknownHost,
  withoutBackend,
} from './answers.ts';
import { chooseUpstream, type Upstream } from './backends.ts';
import { clientFacts } from './client-facts.ts';
import type { Context } from './context.ts';
import { redirection } from './edge.ts';
import { forwardedRequestHeaders, forwardedResponseHeaders } from './headers.ts';
import { announcedLength, BodyError, bufferedBytes, readWhole, Upload } from './request-body.ts';
import type { Target } from './target.ts';

/** Methods whose repetition does no harm, RFC 9110 9.2.2. */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** How often a request is repeated because its connection was closed before any answer. */
const mostRepeats = 3;

/**
 * One request and its answer. A backend is chosen as late as possible and anew for each attempt, from the table as it
 * then is: so a request that meets an instance which is going away ends up at the release that took its place.
 *
 * Life cycle: `start` -> (body) -> `#attempt` -> undici calls the `on...` methods -> answered, or `#attempt` again.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #context: Context;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #target: Target;
  readonly #deadline: number;
  #headers: string[] = [];
  #body: Buffer | Upload | null = null;
  #upstream: Upstream | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  #tried: Set<Upstream> | null = null;
  #repeats = 0;
  #answering = false;
  #wroteBody = false;
  #clientGone = false;
  #stall: NodeJS.Timeout | null = null;

  constructor(
    context: Context,
    request: IncomingMessage,
    response: ServerResponse,
    target: Target,
  ) {
    this.#context = context;
    this.#request = request;
    this.#response = response;
    this.#target = target;
    this.#deadline = Date.now() + context.limits.connectAndSendTimeoutMs;
  }

  start(): void {
    const { table, limits } = this.#context;
    const entry = table.find(this.#target.host);
    if (entry === undefined) {
      this.#answer(404, unknownHost(this.#target.host));
      return;
    }
    const facts = clientFacts(this.#request, this.#target.hostHeader, this.#context);
    const elsewhere = redirection(
      this.#context,
      this.#request,
      this.#target,
      entry.route,
      facts.isTrusted,
    );
    if (elsewhere !== null) {
      this.#context.counters.countAnswer(308);
      redirect(this.#request, this.#response, elsewhere);
      return;
    }
    if (entry.route.status === 'stopped') {
      this.#answer(503, stoppedEnvironment);
      return;
    }
    const length = announcedLength(this.#request);
    if (length !== null && length > limits.maxBodyBytes) {
      this.#tooLarge();
      return;
    }
    this.#response.on('close', this.#onClientClose);
    this.#headers = forwardedRequestHeaders(this.#request.rawHeaders, facts);
    if (length === 0) {
      this.#attempt();
      return;
    }
    if (this.#request.headers.expect !== undefined) this.#response.writeContinue();
    if (length === null || length > bufferedBytes) {
      this.#body = new Upload(this.#request, limits);
      this.#attempt();
      return;
    }
    readWhole(this.#request, limits.clientStallTimeoutMs).then(
      (body) => {
        this.#body = body;
        this.#attempt();
      },
      (cause: unknown) => this.#fail(cause),
    );
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#clientGone) controller.abort(new BodyError('client_gone'));
  }

  onResponseStarted(): void {
    this.#answering = true;
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    statusText?: string,
  ): void {
    if (status < 200) return;
    const headers = forwardedResponseHeaders(texts(controller.rawHeaders), status);
    if (statusText === undefined) this.#response.writeHead(status, headers);
    else this.#response.writeHead(status, statusText, headers);
    // An event stream shows its head before the first event comes; where a body came along, one write holds both.
    process.nextTick(() => {
      if (!this.#wroteBody) this.#response.flushHeaders();
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#response.destroyed) return;
    this.#wroteBody = true;
    if (this.#response.write(chunk)) return;
    controller.pause();
    const { clientStallTimeoutMs } = this.#context.limits;
    this.#stall = setTimeout(() => this.#response.destroy(), clientStallTimeoutMs);
    this.#response.once('drain', () => {
      if (this.#stall !== null) clearTimeout(this.#stall);
      controller.resume();
    });
  }

  onResponseEnd(): void {
    this.#release();
    this.#wroteBody = true;
    this.#response.end();
    lingerOverBody(this.#request);
  }

  onResponseError(_controller: unknown, error: Error): void {
    const upstream = this.#release();
    if (this.#clientGone || this.#response.headersSent) {
      this.#response.destroy();
      return;
    }
    if (upstream !== null && this.#mayTryAgain(upstream, error)) {
      this.#context.counters.retries += 1;
      this.#attempt();
      return;
    }
    this.#fail(error);
  }

  #attempt(): void {
    if (this.#clientGone) return;
    const { table, counters } = this.#context;
    const entry = table.find(this.#target.host);
    if (entry === undefined) {
      this.#answer(404, unknownHost(this.#target.host));
      return;
    }
    if (entry.route.status === 'stopped') {
      this.#answer(503, stoppedEnvironment);
      return;
    }
    if (entry.members.length === 0) {
      this.#answer(503, withoutBackend);
      return;
    }
    counters.turn += 1;
    const upstream = chooseUpstream(entry.members, this.#tried, counters.turn);
    if (upstream === null) {
      this.#answer(502, 'No instance of this application accepts connections.');
      return;
    }
    this.#controller = null;
    this.#answering = false;
    this.#upstream = upstream;
    upstream.begin();
    upstream.pool.dispatch(
      {
        path: this.#target.path,
        method: this.#request.method as Dispatcher.HttpMethod,
        headers: this.#headers,
        body: this.#body,
      },
      this,
    );
  }

  /** Whether the request can go out again: surely unprocessed, or harmless to repeat, and its body still at hand. */
  #mayTryAgain(upstream: Upstream, error: Error): boolean {
    if (error instanceof BodyError || !this.#rewindBody()) return false;
    if (this.#controller === null) {
      upstream.mistrust();
      this.#tried ??= new Set();
      this.#tried.add(upstream);
      return Date.now() < this.#deadline;
    }
    const closed =
      codeOf(error) === 'UND_ERR_SOCKET' ||
      codeOf(error) === 'ECONNRESET' ||
      codeOf(error) === 'EPIPE';
    if (!closed || this.#answering || !idempotent.has(this.#request.method ?? '')) return false;
    this.#repeats += 1;
    return this.#repeats <= mostRepeats;
  }

  #rewindBody(): boolean {
    if (!(this.#body instanceof Upload)) return true;
    if (!this.#body.untouched) return false;
    this.#body = new Upload(this.#request, this.#context.limits);
    return true;
  }

  #fail(cause: unknown): void {
    if (cause instanceof BodyError) {
      if (cause.trouble === 'client_gone') return void this.#response.destroy();
      if (cause.trouble === 'too_large') {
        this.#tooLarge();
        return;
      }
      if (cause.trouble === 'client_stalled') {
        this.#answer(408, 'The rest of the request did not come.');
        return;
      }
      this.#answer(502, 'The application stopped taking the request.');
      return;
    }
    const code = codeOf(cause);
    this.#context.log('warn', 'a backend failed', {
      host: this.#target.host,
      backend: this.#upstream?.name,
      code,
    });
    if (code === 'UND_ERR_HEADERS_TIMEOUT') {
      this.#answer(504, 'The application did not answer in time.');
      return;
    }
    const refused = this.#controller === null;
    this.#answer(
      502,
      refused
        ? 'No instance of this application accepts connections.'
        : 'The application closed the connection without a proper answer.',
    );
  }

  #tooLarge(): void {
    this.#answer(413, `A request's body may have ${this.#context.limits.maxBodyBytes} bytes.`);
  }

  #answer(status: number, message: string): void {
    this.#context.counters.countAnswer(status);
    answer(this.#request, this.#response, status, message);
  }

  /** Gives the backend back; answers which it was. */
  #release(): Upstream | null {
    const upstream = this.#upstream;
    if (this.#stall !== null) clearTimeout(this.#stall);
    if (upstream === null) return null;
    this.#upstream = null;
    upstream.end();
    return upstream;
  }

  readonly #onClientClose = (): void => {
    if (this.#response.writableFinished) return;
    this.#clientGone = true;
    this.#controller?.abort(new BodyError('client_gone'));
  };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** undici hands header lines over as bytes; latin1 keeps each of them. */
function texts(raw: unknown): string[] {
  if (!Array.isArray(raw)) return [];
  return raw.map((part: unknown) =>
    Buffer.isBuffer(part) ? part.toString('latin1') : String(part),
  );
}
