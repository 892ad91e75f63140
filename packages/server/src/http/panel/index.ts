import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App } from '../context.ts';
import { PAGE_URL } from './navigation.ts';

export { rewritePageVisit } from './navigation.ts';

/** What `script/bootstrap` built. */
const DIST = fileURLToPath(new URL('../../../../panel/dist', import.meta.url));

/**
 * Only what this server sends is run, shown or asked; nothing may frame the page. Styles are one file, too: what
 * React sets by script needs no permission.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const File = Type.Object({ file: Type.String({ pattern: '^[A-Za-z0-9_-][A-Za-z0-9._-]*$' }) });
const hidden = { summary: 'The control panel', hide: true } as const;

/** The panel's files. Names of assets carry a hash of what is in them, so that a browser asks for each only once. */
export async function registerPanel(app: App, directory = DIST): Promise<void> {
  await app.register(fastifyStatic, { root: directory, serve: false, preCompressed: true });
  const send = (reply: FastifyReply, file: string, caching: { immutable: boolean }) => {
    const cacheControl = caching.immutable ? 'public, max-age=31536000, immutable' : 'no-cache';
    reply.header('cache-control', cacheControl);
    return reply.sendFile(file, { cacheControl: false });
  };

  app.get(PAGE_URL, { config: { public: true }, schema: hidden }, (_request, reply) => {
    if (!existsSync(join(directory, 'index.html'))) {
      throw new SluiceError('unavailable', 'The control panel is not built. Run script/bootstrap.');
    }
    reply
      .header('content-security-policy', POLICY)
      .header('cross-origin-opener-policy', 'same-origin');
    return send(reply, 'index.html', { immutable: false });
  });
  app.get(
    '/panel/assets/:file',
    { config: { public: true }, schema: { ...hidden, params: File } },
    (request, reply) => send(reply, join('panel/assets', request.params.file), { immutable: true }),
  );
  app.get(
    '/panel/:file',
    { config: { public: true }, schema: { ...hidden, params: File } },
    (request, reply) => send(reply, join('panel', request.params.file), { immutable: false }),
  );
}
