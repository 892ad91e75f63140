import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { SluiceError } from '../../../errors.ts';
import type { Blob, ByteRange } from '../types.ts';
import { away } from './errors.ts';
import { createWire, type S3Wire } from './request.ts';
import type { S3Options } from './types.ts';
import { elements, textOf } from './xml.ts';

/** Objects of one bucket below the prefix; keys are without it. */
export interface Bucket {
  putFile(key: string, file: string): Promise<void>;
  get(key: string, range?: ByteRange): Promise<{ sizeBytes: number; stream: Readable } | null>;
  /** `sha256` is what `putFile` noted; null for objects that others made. */
  head(key: string): Promise<{ sizeBytes: number; sha256: string | null } | null>;
  remove(key: string): Promise<void>;
  list(prefix: string): AsyncGenerator<Blob>;
  /** Lists, writes and removes one object, so that a wrong setting shows at the start. Throws as requests do. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** What is sent in one request, and so held in memory; larger files go in parts of this size. */
export const PART_BYTES = 8 * 1_024 ** 2;
const CHECK_KEY = 'sluice-check';
const DIGEST = 'x-amz-meta-sha256';

export function createBucket(options: S3Options): Bucket {
  const wire = createWire(options);

  const remove = async (key: string) => {
    const { body } = await wire.send({ method: 'DELETE', key, allow: [404] });
    body.resume();
  };

  const put = async (key: string, body: Buffer, sha256: string) => {
    await wire.text({ method: 'PUT', key, body, headers: { [DIGEST]: sha256 } });
  };

  return {
    remove,
    putFile: async (key, file) => {
      const handle = await open(file);
      try {
        const { size } = await handle.stat();
        const sha256 = await digestOf(handle.createReadStream({ start: 0, autoClose: false }));
        if (size <= PART_BYTES) {
          const body = Buffer.alloc(size);
          await handle.read(body, 0, size, 0);
          await put(key, body, sha256);
          return;
        }
        await putParts(wire, key, sha256, size, async (start, length) => {
          const part = Buffer.alloc(length);
          await handle.read(part, 0, length, start);
          return part;
        });
      } finally {
        await handle.close();
      }
    },
    get: async (key, range) => {
      const headers = range === undefined ? {} : { range: `bytes=${range.start}-${range.end - 1}` };
      const {
        status,
        headers: told,
        body,
      } = await wire.send({
        ...{ method: 'GET', key, headers, allow: [404] },
      });
      if (status === 404) {
        body.resume();
        return null;
      }
      const whole = /\/(\d+)$/.exec(String(told['content-range'] ?? ''))?.[1];
      body.once('error', () => undefined);
      return { sizeBytes: Number(whole ?? told['content-length']), stream: body };
    },
    head: async (key) => {
      const { status, headers } = await wire.text({ method: 'HEAD', key, allow: [404] });
      if (status === 404) return null;
      const noted = headers[DIGEST];
      return {
        sizeBytes: Number(headers['content-length']),
        sha256: typeof noted === 'string' ? noted : null,
      };
    },
    list: async function* (prefix) {
      let token: string | null = null;
      do {
        const { text } = await wire.text({
          ...{ method: 'GET', key: '' },
          query: {
            ...{ 'list-type': '2', prefix: `${options.prefix}${prefix}` },
            ...(token === null ? {} : { 'continuation-token': token }),
          },
        });
        for (const one of elements(text, 'Contents')) {
          const key = textOf(one, 'Key') ?? '';
          if (!key.startsWith(options.prefix) || key.endsWith('/')) continue;
          const sizeBytes = Number(textOf(one, 'Size') ?? 0);
          yield { key: key.slice(options.prefix.length), sizeBytes };
        }
        const isCut = textOf(text, 'IsTruncated') === 'true';
        token = isCut ? textOf(text, 'NextContinuationToken') : null;
      } while (token !== null);
    },
    check: async () => {
      const query = { 'list-type': '2', 'max-keys': '1', prefix: options.prefix };
      const { text } = await wire.text({ method: 'GET', key: '', query });
      if (!text.includes('ListBucketResult')) {
        throw new SluiceError('internal', `${options.endpoint} answers, but not as S3 does.`, {
          reason: 'storage_refused',
          remedy:
            'Correct the setting s3_endpoint: it is the address of the S3 API, not of a console.',
        });
      }
      await put(CHECK_KEY, Buffer.from('ok'), '');
      await remove(CHECK_KEY);
    },
    close: wire.close,
  };

  /** In parts; what was begun is given up when one of them fails, so that no storage is paid for what nobody sees. */
  async function putParts(
    { text }: S3Wire,
    key: string,
    sha256: string,
    size: number,
    part: (start: number, length: number) => Promise<Buffer>,
  ): Promise<void> {
    const begun = await text({
      ...{ method: 'POST', key, query: { uploads: '' }, headers: { [DIGEST]: sha256 } },
    });
    const uploadId = textOf(begun.text, 'UploadId') ?? '';
    try {
      const tags: string[] = [];
      for (let start = 0; start < size; start += PART_BYTES) {
        const body = await part(start, Math.min(PART_BYTES, size - start));
        const query = { partNumber: String(tags.length + 1), uploadId };
        const { headers } = await text({ method: 'PUT', key, query, body });
        tags.push(String(headers['etag'] ?? ''));
      }
      const parts = tags.map(
        (tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`,
      );
      const body = Buffer.from(
        `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`,
      );
      const done = await text({ method: 'POST', key, query: { uploadId }, body });
      // It may say 200 first and find out afterwards that it failed.
      if (!done.text.includes('CompleteMultipartUploadResult')) {
        throw away(
          options,
          new Error(textOf(done.text, 'Message') ?? 'the upload was not completed'),
        );
      }
    } catch (error) {
      await text({ method: 'DELETE', key, query: { uploadId }, allow: [404] }).catch(
        () => undefined,
      );
      throw error;
    }
  }
}

async function digestOf(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of stream as AsyncIterable<Buffer>) hash.update(piece);
  return hash.digest('hex');
}
