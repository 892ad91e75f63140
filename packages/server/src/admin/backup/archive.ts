import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { SluiceError } from '../../errors.ts';

/** A file or directory that goes into the archive: `names` as they stand below `directory`, in this order. */
export interface Unit {
  readonly directory: string;
  readonly names: readonly string[];
}

export interface ArchiveWriter {
  add(unit: Unit): Promise<void>;
  /** Bytes of the files so far, before compression. */
  readonly bytes: number;
  /** Makes it durable under its name; until then it has another, and a crash leaves no half archive that looks whole. */
  finish(): Promise<void>;
  discard(): Promise<void>;
}

/** `tar` says 1 where a file grew or went while it was read: logs do, and what matters is checked by its owner. */
const CHANGED_WHILE_READ = 1;

/**
 * Writes units one after the other as tar archives in one Zstandard stream with checksums; `readArchive` reads them
 * back. Of files that come twice the later counts. `path` null: standard output.
 */
export function createArchive(path: string | null): ArchiveWriter {
  const partial = path === null ? null : `${path}.partial`;
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  const sink = partial === null ? process.stdout : createWriteStream(partial, { mode: 0o600 });
  const written = pipeline(compress, sink, { end: partial !== null });
  // Whoever adds next hears of it; without a listener the process would end instead.
  written.catch(() => undefined);
  let bytes = 0;

  const append = async (source: Readable): Promise<void> => {
    for await (const chunk of source) {
      bytes += (chunk as Buffer).length;
      if (!compress.write(chunk)) await Promise.race([once(compress, 'drain'), written]);
    }
  };

  return {
    get bytes() {
      return bytes;
    },
    add: async ({ directory, names }) => {
      const words = [
        '--create',
        '--file=-',
        '--sparse',
        `--directory=${directory}`,
        '--',
        ...names,
      ];
      const tar = spawn('tar', words, { stdio: ['ignore', 'pipe', 'pipe'] });
      const said = textOf(tar.stderr);
      const ended = once(tar, 'close');
      await append(tar.stdout);
      const [code] = await ended;
      if (code !== 0 && code !== CHANGED_WHILE_READ) throw failure('written', await said);
    },
    finish: async () => {
      compress.end();
      await written;
      if (path === null || partial === null) return;
      await syncFile(partial);
      await rename(partial, path);
      await syncFile(dirname(path));
    },
    discard: async () => {
      compress.destroy();
      await written.catch(() => undefined);
      if (partial !== null) await rm(partial, { force: true });
    },
  };
}

/** Unpacks an archive into a directory that is there; `path` null: standard input. `onBytes` hears how much was read. */
export async function readArchive(
  path: string | null,
  directory: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const words = ['--extract', '--file=-', '--ignore-zeros', '--preserve-permissions'];
  const tar = spawn('tar', [...words, '--no-same-owner', `--directory=${directory}`], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const said = textOf(tar.stderr);
  const ended = once(tar, 'close');
  const source = path === null ? process.stdin : createReadStream(path);
  let bytes = 0;
  source.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    onBytes(bytes);
  });
  let broken: unknown = null;
  await pipeline(source, createZstdDecompress(), tar.stdin).catch((error: unknown) => {
    broken = error;
  });
  const [code] = await ended;
  if (code !== 0) throw failure('unpacked', (await said) || String(broken));
  if (broken !== null) throw failure('read', broken instanceof Error ? broken.message : '');
}

function failure(doing: string, details: string): SluiceError {
  const last = details.trim().split('\n').at(-1) ?? '';
  return new SluiceError('unavailable', `The backup could not be ${doing}: ${last}`, {
    reason: 'archive',
    remedy:
      doing === 'written'
        ? 'Nothing was left behind; see that there is room and that the files can be read.'
        : 'The file is damaged or no backup of Sluice; take another one. Nothing was changed.',
  });
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-4_000);
  });
  await finished(stream).catch(() => undefined);
  return text;
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  await file.sync().finally(() => file.close());
}
