export interface LogStream {
  /** Takes bytes; resolves when the job may write on. Rejects when the log can no longer be sent. */
  append(bytes: Buffer): Promise<void>;
  /** Resolves when everything is with the server. */
  drain(): Promise<void>;
}

export interface LogStreamOptions {
  /** Sends bytes from `offset` on and answers how much the server has; repeats by itself what can be repeated. */
  send(offset: number, bytes: Buffer): Promise<number>;
  /** Collects for so long before it sends. Default 100. */
  batchMs?: number;
  /** Sends at once from so many bytes on. Default 64 KiB. */
  batchBytes?: number;
  /** At most so many in one request. Default 256 KiB. */
  largestBytes?: number;
  /** Above this the job has to wait. Default 1 MiB. */
  bufferBytes?: number;
}

/**
 * Sends a log in order and by offset, so that a chunk that is sent twice is stored once. Holds at most
 * `bufferBytes` and one chunk more: when the server is slow, the job waits.
 */
export function createLogStream(options: LogStreamOptions): LogStream {
  const { batchMs = 100, batchBytes = 64 * 1024, bufferBytes = 1024 ** 2 } = options;
  const largestBytes = options.largestBytes ?? 256 * 1024;
  let chunks: Buffer[] = [];
  let waitingBytes = 0;
  let offset = 0;
  let sending: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let failure: unknown = null;
  let room: PromiseWithResolvers<void> | null = null;

  const sendAll = async () => {
    try {
      while (waitingBytes > 0) {
        const whole = Buffer.concat(chunks);
        const bytes = whole.subarray(0, largestBytes);
        chunks = whole.length > bytes.length ? [whole.subarray(bytes.length)] : [];
        const size = await options.send(offset, bytes);
        const accepted = Math.min(Math.max(size - offset, 0), bytes.length);
        if (accepted === 0)
          throw new Error(`The server has ${size} bytes of the log, not ${offset}.`);
        offset += accepted;
        waitingBytes -= accepted;
        if (accepted < bytes.length) chunks.unshift(bytes.subarray(accepted));
        if (waitingBytes < bufferBytes) {
          room?.resolve();
          room = null;
        }
      }
    } catch (error) {
      failure = error;
      room?.reject(error);
      room = null;
    } finally {
      sending = null;
    }
  };
  const start = () => {
    if (timer) clearTimeout(timer);
    timer = null;
    sending ??= sendAll();
    return sending;
  };

  return {
    append(bytes) {
      if (failure !== null) return Promise.reject(failure);
      chunks.push(bytes);
      waitingBytes += bytes.length;
      if (sending === null) {
        if (waitingBytes >= batchBytes) void start();
        else timer ??= setTimeout(() => void start(), batchMs);
      }
      if (waitingBytes < bufferBytes) return Promise.resolve();
      room ??= Promise.withResolvers<void>();
      return room.promise;
    },
    async drain() {
      while (failure === null && waitingBytes > 0) await start();
      if (timer) clearTimeout(timer);
      if (failure !== null) throw failure;
    },
  };
}
