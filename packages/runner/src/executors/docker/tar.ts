import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, pack } from 'tar-stream';

export type Entry = { name: string; uid?: number; mode?: number } & (
  | { directory: true }
  | { text: string }
  | { file: string; size: number }
);

/** An archive of the entries, in their order. Errors come as the stream's. */
export function archiveOf(entries: readonly Entry[]): Readable {
  const archive = pack();
  const fill = async () => {
    for (const entry of entries) {
      const { name, uid = 0 } = entry;
      const header = { name, uid, gid: uid, mtime: new Date(0) };
      if ('directory' in entry) {
        archive.entry({ ...header, type: 'directory', mode: entry.mode ?? 0o755 });
      } else if ('text' in entry) {
        archive.entry({ ...header, mode: entry.mode ?? 0o644 }, entry.text);
      } else {
        const sink = archive.entry({ ...header, mode: entry.mode ?? 0o644, size: entry.size });
        await pipeline(createReadStream(entry.file), sink);
      }
    }
    archive.finalize();
  };
  fill().catch((error: Error) => archive.destroy(error));
  return archive as unknown as Readable;
}

/** The first file of an archive as text; null when it has none. */
export async function firstFile(stream: Readable): Promise<string | null> {
  const archive = extract();
  let found: string | null = null;
  archive.on('entry', (_header, content, next) => {
    const chunks: Buffer[] = [];
    content.on('data', (chunk) => chunks.push(chunk as Buffer));
    content.on('end', () => {
      found ??= Buffer.concat(chunks).toString();
      next();
    });
    content.resume();
  });
  await pipeline(stream, archive);
  return found;
}
