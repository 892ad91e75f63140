import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { RouterLimits } from '../types.ts';

/** Bodies up to this size are taken in whole before a backend is bothered; they can then be sent again. */
export const bufferedBytes = 64 * 1024;

export type BodyTrouble = 'too_large' | 'client_stalled' | 'client_gone' | 'backend_stalled';

export class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly trouble: BodyTrouble;

  constructor(trouble: BodyTrouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

/** The length a request announces: a number, `null` for chunked, 0 for none. */
export function announcedLength(request: IncomingMessage): number | null {
  if (request.headers['transfer-encoding'] !== undefined) return null;
  return Number(request.headers['content-length'] ?? 0);
}

/** Reads a small body. Rejects with {@link BodyError}. */
export function readWhole(request: IncomingMessage, stallMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const fail = (trouble: BodyTrouble) => (): void => {
      clearTimeout(timer);
      reject(new BodyError(trouble));
    };
    const timer = setTimeout(fail('client_stalled'), stallMs);
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      timer.refresh();
    });
    request.on('end', () => {
      clearTimeout(timer);
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    request.on('error', fail('client_gone'));
    request.on('close', fail('client_gone'));
  });
}

/**
 * A large body on its way to a backend. Holds no more than one buffer of it: it asks the client for more only when
 * the backend has taken what there was. Destroying it leaves the request alone, which still needs its answer.
 *
 * Two clocks run, never both: one while the client owes bytes, one while the backend does not take them.
 */
export class Upload extends Readable {
  readonly #request: IncomingMessage;
  readonly #maxBytes: number;
  readonly #clientMs: number;
  readonly #backendMs: number;
  #timer: NodeJS.Timeout | null = null;
  #bytes = 0;
  #started = false;

  constructor(request: IncomingMessage, limits: RouterLimits) {
    super({ highWaterMark: bufferedBytes });
    this.#request = request;
    this.#maxBytes = limits.maxBodyBytes;
    this.#clientMs = limits.clientStallTimeoutMs;
    this.#backendMs = limits.sendTimeoutMs;
  }

  /** True as long as no byte has been asked for: then the request can still go to another backend. */
  get untouched(): boolean {
    return !this.#started;
  }

  override _read(): void {
    if (!this.#started) {
      this.#started = true;
      this.#request.on('data', this.#onData);
      this.#request.on('end', this.#onEnd);
      this.#request.on('error', this.#onGone);
      this.#request.on('close', this.#onGone);
    }
    this.#watch('client_stalled', this.#clientMs);
    this.#request.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#unwatch();
    this.#request.off('data', this.#onData);
    this.#request.off('end', this.#onEnd);
    this.#request.off('error', this.#onGone);
    this.#request.off('close', this.#onGone);
    done(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) {
      this.destroy(new BodyError('too_large'));
      return;
    }
    if (this.push(chunk)) {
      this.#timer?.refresh();
      return;
    }
    this.#request.pause();
    this.#watch('backend_stalled', this.#backendMs);
  };

  readonly #onEnd = (): void => {
    this.#unwatch();
    this.push(null);
  };

  readonly #onGone = (): void => {
    if (!this.readableEnded && !this.#request.complete) this.destroy(new BodyError('client_gone'));
  };

  #watch(trouble: BodyTrouble, timeoutMs: number): void {
    this.#unwatch();
    this.#timer = setTimeout(() => this.destroy(new BodyError(trouble)), timeoutMs);
  }

  #unwatch(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
