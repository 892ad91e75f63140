import { type FileHandle, open, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

/** A file that may be sent. The caller closes the handle. */
export interface ServedFile {
  readonly handle: FileHandle;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
  readonly etag: string;
  readonly type: string;
}

export type Lookup =
  | { readonly kind: 'file'; readonly file: ServedFile }
  | { readonly kind: 'directory' }
  | { readonly kind: 'none' };

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.htm': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.xml': 'application/xml',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.otf': 'font/otf',
  '.pdf': 'application/pdf',
  '.wasm': 'application/wasm',
  '.mp4': 'video/mp4',
  '.webm': 'video/webm',
  '.mp3': 'audio/mpeg',
};

/**
 * Finds what a request's path means below `root` (a real path). Hidden names (`.env`, `.travis.yml`) are never served
 * but for `.well-known`; a link that leads out of the root is not followed.
 */
export async function lookUp(root: string, requestPath: string): Promise<Lookup> {
  const names = decodePath(requestPath);
  if (names === null) return { kind: 'none' };
  const file = await realpath(join(root, ...names)).catch(() => null);
  if (file === null || (file !== root && !file.startsWith(root + sep))) return { kind: 'none' };
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return { kind: 'none' };
  const stat = await handle.stat();
  if (stat.isFile()) {
    return {
      kind: 'file',
      file: {
        handle,
        sizeBytes: stat.size,
        modifiedAt: stat.mtime,
        // Deployments check out anew, so the time alone would change without need and the size alone would not change.
        etag: `"${stat.size.toString(16)}-${Math.trunc(stat.mtimeMs).toString(16)}"`,
        type: TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream',
      },
    };
  }
  await handle.close();
  return stat.isDirectory() ? { kind: 'directory' } : { kind: 'none' };
}

function decodePath(requestPath: string): string[] | null {
  let path: string;
  try {
    path = decodeURIComponent(requestPath);
  } catch {
    return null;
  }
  if (path.includes('\0')) return null;
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  const hidden = names.some((name) => name.startsWith('.') && name !== '.well-known');
  return hidden ? null : names;
}
