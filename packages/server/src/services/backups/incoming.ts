import { PassThrough, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { SluiceError } from '../../errors.ts';
import type { ServiceBackupRow } from '../../store/schema/service-backups.ts';
import type { Bytes, Format } from './data/types.ts';

export interface Incoming {
  readonly format: Format;
  readonly bytes: AsyncGenerator<Buffer>;
}

const HEAD_BYTES = 512;
const GZIP = Buffer.from([0x1f, 0x8b]);
const TAR_AT = 257;
/** Dumps hold text; what unpacks to so much more is meant to fill the disk. */
const MOST_UNPACKED = 50;

/**
 * Looks at the beginning of an upload and says what it is, unpacking what a database's dump came packed in (divio-cli 3.x sends the one
 * file of a `.tar.gz`). Throws `invalid` for what could not be restored into a service of that kind.
 */
export async function readIncoming(
  source: Bytes,
  kind: ServiceBackupRow['kind'],
  limit: number,
): Promise<Incoming> {
  const { head, bytes } = await peek(source);
  if (head.length === 0) throw refusal('The upload is empty.');
  const isGzip = head.subarray(0, 2).equals(GZIP);
  if (kind === 'storage') {
    if (isGzip) return { format: 'tar.gz', bytes: checked(bytes, true) };
    if (isTar(head)) return { format: 'tar', bytes: checked(bytes, false) };
    throw refusal('This is no archive of files. Send a .tar or .tar.gz.');
  }
  if (isGzip) return readIncoming(bounded(gunzip(bytes), limit * MOST_UNPACKED), kind, limit);
  if (isTar(head)) return readIncoming(firstFile(bytes), kind, limit);
  if (kind === 'redis') {
    if (head.toString('latin1', 0, 5) === 'REDIS') return { format: 'rdb', bytes };
    throw refusal('This is no dump of a Redis. Send an RDB file (redis-cli --rdb FILE).');
  }
  if (head.toString('latin1', 0, 5) === 'PGDMP') return { format: 'pg-custom', bytes };
  if (/^(\uFEFF?\s*(--|SET |CREATE |BEGIN|\\))/i.test(head.toString('utf8'))) {
    return { format: 'sql', bytes };
  }
  throw refusal(
    'This is no dump of a PostgreSQL database. Send what pg_dump or pg_dump -Fc writes, as it is or in a .tar.gz.',
  );
}

const refusal = (text: string): SluiceError =>
  new SluiceError('invalid', text, { reason: 'bad_upload' });

const isTar = (head: Buffer): boolean => head.toString('latin1', TAR_AT, TAR_AT + 5) === 'ustar';

async function peek(source: Bytes): Promise<{ head: Buffer; bytes: AsyncGenerator<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let isOver = false;
  while (head.length < HEAD_BYTES && !isOver) {
    const { value, done } = await iterator.next();
    if (done) isOver = true;
    else head = Buffer.concat([head, value]);
  }
  const bytes = async function* (): AsyncGenerator<Buffer> {
    try {
      yield head;
      while (!isOver) {
        const { value, done } = await iterator.next();
        if (done) return;
        yield Buffer.from(value);
      }
    } finally {
      await iterator.return?.();
    }
  };
  return { head, bytes: bytes() };
}

async function* gunzip(bytes: Bytes): AsyncGenerator<Buffer> {
  const input = Readable.from(bytes);
  const output = createGunzip();
  input.once('error', (error) => output.destroy(error));
  try {
    yield* input.pipe(output) as AsyncIterable<Buffer>;
  } catch (error) {
    throw broken(error);
  } finally {
    input.destroy();
    output.destroy();
  }
}

async function* firstFile(bytes: Bytes): AsyncGenerator<Buffer> {
  const archive = Readable.from(bytes).pipe(extract());
  for await (const entry of archive) {
    if (entry.header.type !== 'file') {
      entry.resume();
      continue;
    }
    yield* entry as AsyncIterable<Buffer>;
    return;
  }
  throw refusal('The archive holds no file.');
}

/** The archive as it came, once it turns out whole: its end throws where it is cut short or no archive. */
async function* checked(bytes: Bytes, isGzip: boolean): AsyncGenerator<Buffer> {
  const archive = extract();
  const input = isGzip ? createGunzip() : new PassThrough();
  input.pipe(archive);
  const read = (async () => {
    for await (const entry of archive) entry.resume();
  })();
  let failure: unknown = null;
  const fail = (error: unknown) => {
    failure ??= error;
  };
  input.on('error', (error) => {
    fail(error);
    archive.destroy(error);
  });
  read.catch(fail);
  try {
    for await (const chunk of bytes) {
      if (failure !== null) throw broken(failure);
      if (!input.destroyed && !input.write(chunk)) await writable(input);
      yield Buffer.from(chunk);
    }
    input.end();
    await read.catch(fail);
    if (failure !== null) throw broken(failure);
  } finally {
    input.destroy();
    archive.destroy();
  }
}

function writable(stream: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const name of ['drain', 'error', 'close']) stream.off(name, done);
      resolve();
    };
    for (const name of ['drain', 'error', 'close']) stream.once(name, done);
  });
}

async function* bounded(bytes: Bytes, most: number): AsyncGenerator<Buffer> {
  let count = 0;
  for await (const chunk of bytes) {
    count += chunk.length;
    if (count > most) throw refusal('The upload unpacks to far more than a dump does.');
    yield Buffer.from(chunk);
  }
}

function broken(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error;
  const said = error instanceof Error ? error.message : String(error);
  return refusal(`The archive is damaged or cut short: ${said}`);
}
