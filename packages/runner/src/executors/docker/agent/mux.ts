import { Duplex, type Readable, type Writable } from 'node:stream';

/** Several two-way streams over one, so that a job's output, its control line and its connections share the engine's one stream. */
export interface Mux {
  /** Opens a stream; the other side is told the label. */
  open(label: string): Duplex;
  /** Resolves when the underlying stream has ended; every open channel is destroyed then. */
  readonly closed: Promise<void>;
}

const DATA = 0;
const END = 1;
const CREDIT = 2;
const OPEN = 3;
const RESET = 4;

const HEADER_BYTES = 9;
/** What one side may send before the other has taken it: no channel can fill another's way, or the memory. */
const WINDOW_BYTES = 256 * 1024;
const PIECE_BYTES = 64 * 1024;

class Channel extends Duplex {
  private credit = WINDOW_BYTES;
  private owed = 0;
  private waiting: { chunk: Buffer; done: (error?: Error | null) => void } | null = null;
  private farEnded = false;
  private readonly send: (kind: number, payload: Buffer) => void;

  constructor(send: (kind: number, payload: Buffer) => void) {
    super({ allowHalfOpen: true });
    this.send = send;
    this.on('error', () => undefined);
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.waiting = { chunk, done };
    this.flush();
  }

  private flush(): void {
    while (this.waiting !== null && this.credit > 0) {
      const { chunk, done } = this.waiting;
      const count = Math.min(chunk.length, this.credit, PIECE_BYTES);
      this.credit -= count;
      // Before it is sent: the credit may come back while it still is, and lead here once more.
      this.waiting = count === chunk.length ? null : { chunk: chunk.subarray(count), done };
      this.send(DATA, chunk.subarray(0, count));
      if (count === chunk.length) done();
    }
  }

  override _read(): void {
    if (this.owed === 0) return;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(this.owed);
    this.owed = 0;
    this.send(CREDIT, count);
  }

  override _final(done: () => void): void {
    this.send(END, Buffer.alloc(0));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.farEnded || !this.writableFinished) this.send(RESET, Buffer.alloc(0));
    this.waiting?.done(error ?? new Error('the channel was closed'));
    this.waiting = null;
    done(error);
  }

  receive(kind: number, payload: Buffer): void {
    if (kind === DATA) {
      this.owed += payload.length;
      // Read on while there is room; what is beyond waits for the next `_read`.
      if (this.push(payload)) this._read();
    } else if (kind === END) {
      this.farEnded = true;
      this.push(null);
    } else if (kind === CREDIT && payload.length === 4) {
      this.credit += payload.readUInt32BE();
      this.flush();
    } else if (kind === RESET) {
      this.farEnded = true;
      this.destroy();
    }
  }
}

/**
 * `first` is 0 on one side and 1 on the other, which keeps the numbers of their channels apart. What the other side opens comes
 * to `onOpen`. A frame that makes no sense ends everything: the other side may be a job that plays tricks.
 */
export function createMux(
  from: Readable,
  to: Writable,
  first: 0 | 1,
  onOpen: (label: string, channel: Duplex) => void,
): Mux {
  const channels = new Map<number, Channel>();
  let next: number = first;
  let over = false;
  let finish: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const add = (id: number) => {
    const channel = new Channel((kind, payload) => send(id, kind, payload));
    channels.set(id, channel);
    channel.once('close', () => channels.delete(id));
    return channel;
  };
  const send = (id: number, kind: number, payload: Buffer) => {
    if (over || !to.writable) return;
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32BE(payload.length, 0);
    header.writeUInt32BE(id, 4);
    header.writeUInt8(kind, 8);
    to.write(Buffer.concat([header, payload]));
  };
  const end = () => {
    if (over) return;
    over = true;
    for (const channel of channels.values()) channel.destroy();
    from.destroy();
    finish();
  };
  const take = (id: number, kind: number, payload: Buffer) => {
    const known = channels.get(id);
    if (known) known.receive(kind, payload);
    else if (kind === OPEN && id % 2 !== first) onOpen(payload.toString(), add(id));
  };

  let rest: Buffer = Buffer.alloc(0);
  from.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (!over && rest.length >= HEADER_BYTES) {
      const length = rest.readUInt32BE(0);
      if (length > PIECE_BYTES || rest.readUInt8(8) > RESET) return end();
      if (rest.length < HEADER_BYTES + length) return;
      const frame = rest.subarray(0, HEADER_BYTES + length);
      rest = rest.subarray(HEADER_BYTES + length);
      take(frame.readUInt32BE(4), frame.readUInt8(8), frame.subarray(HEADER_BYTES));
    }
  });
  from.on('end', end);
  from.on('close', end);
  from.on('error', end);
  to.on('error', end);

  return {
    closed,
    open(label) {
      const id = next;
      next += 2;
      const channel = add(id);
      send(id, OPEN, Buffer.from(label));
      return channel;
    },
  };
}
