import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type Lookup, lookUp, type ServedFile } from './files.ts';

/** Serves the files below `root`, a real path: GET and HEAD, `index.html` for directories, `404.html` if there is one. */
export function createStaticServer(root: string): Server {
  return createServer((request, response) => {
    answer(root, request, response).catch(() => {
      if (!response.headersSent) sendText(response, 500, 'Internal Server Error');
      else response.destroy();
    });
  });
}

async function answer(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    sendText(response, 405, 'Method Not Allowed');
    return;
  }
  const [path = '/', query] = (request.url ?? '/').split('?', 2);
  const found = await findPage(root, path);
  if (found.kind === 'file') {
    await sendFile(request, response, 200, found.file);
    return;
  }
  if (found.kind === 'directory') {
    // Relative links of the page need the slash. Only one leading slash: `//host` would lead elsewhere.
    const location = `/${path.replace(/^\/+/, '')}/${query === undefined ? '' : `?${query}`}`;
    response.setHeader('location', location);
    sendText(response, 301, 'Moved Permanently');
    return;
  }
  const missing = await lookUp(root, '/404.html');
  if (missing.kind === 'file') await sendFile(request, response, 404, missing.file);
  else sendText(response, 404, 'Not Found');
}

async function findPage(root: string, path: string): Promise<Lookup> {
  const found = await lookUp(root, path);
  if (found.kind === 'directory') {
    const index = await lookUp(root, `${path}/index.html`);
    if (path.endsWith('/') || index.kind !== 'file') {
      return index.kind === 'file' ? index : { kind: 'none' };
    }
    await index.file.handle.close();
    return found;
  }
  if (found.kind === 'file' && path.endsWith('/')) {
    await found.file.handle.close();
    return { kind: 'none' };
  }
  return found;
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  file: ServedFile,
): Promise<void> {
  try {
    const headers = {
      'content-type': file.type,
      'last-modified': file.modifiedAt.toUTCString(),
      etag: file.etag,
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
    };
    if (status === 200 && isUnchanged(request, file)) {
      response.writeHead(304, headers).end();
      return;
    }
    response.writeHead(status, { ...headers, 'content-length': file.sizeBytes });
    if (request.method === 'HEAD' || file.sizeBytes === 0) response.end();
    else
      await pipeline(
        file.handle.createReadStream({ autoClose: false, end: file.sizeBytes - 1 }),
        response,
      );
  } finally {
    await file.handle.close();
  }
}

function isUnchanged(request: IncomingMessage, file: ServedFile): boolean {
  const tags = request.headers['if-none-match'];
  if (tags !== undefined) {
    return tags.split(',').some((tag) => {
      const bare = tag.trim().replace(/^W\//, '');
      return bare === '*' || bare === file.etag;
    });
  }
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  return Math.trunc(file.modifiedAt.getTime() / 1_000) * 1_000 <= since;
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}
