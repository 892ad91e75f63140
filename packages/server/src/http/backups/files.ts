import { Readable } from 'node:stream';
import { Uuid } from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';

const Path = Type.Object({ uuid: Uuid, secret: Type.String({ maxLength: 100 }) });

/** Bytes of backups, in and out, at addresses that are their own key (spec/divio.md 4.5): no login, for a while. */
export function registerBackupFiles(app: App, { backups }: HttpContext): void {
  app.get(
    '/apps/v3/backup-files/:uuid/:secret/',
    {
      config: { public: true },
      schema: {
        summary: 'The data of a part of a backup',
        tags: ['apps'],
        params: Path,
        response: { 200: Type.Unknown() },
      },
    },
    async (request, reply) => {
      const { uuid, secret } = request.params;
      const { name, bytes, stream } = await backups.downloads.open(uuid, secret);
      reply.header('content-type', 'application/octet-stream');
      reply.header('content-disposition', `attachment; filename="${name}"`);
      // Neither kept on the way nor told to where the reader goes next.
      reply.header('cache-control', 'no-store');
      reply.header('referrer-policy', 'no-referrer');
      if (bytes !== null) reply.header('content-length', bytes);
      return reply.send(stream);
    },
  );

  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // Clients name no type, or any.
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

    scope.put(
      '/apps/v3/backup-uploads/:uuid/:secret/',
      {
        config: { public: true },
        schema: {
          summary: 'Bring the data of a part of a backup',
          tags: ['apps'],
          params: Path,
          response: { 200: Type.Object({}) },
        },
        bodyLimit: Number.MAX_SAFE_INTEGER,
      },
      async (request) => {
        const { uuid, secret } = request.params as { uuid: string; secret: string };
        const body = request.body instanceof Readable ? request.body : request.raw;
        const announced = Number(request.headers['content-length'] ?? 0);
        await backups.uploads.receive(uuid, secret, whole(body, announced), announced);
        return {};
      },
    );
  });

  app.post(
    '/apps/v3/backup-uploads/:uuid/:secret/finish/',
    {
      config: { public: true },
      schema: {
        summary: 'Say that all was brought',
        tags: ['apps'],
        params: Path,
        response: { 200: Type.Object({}) },
      },
    },
    async (request) => {
      await backups.uploads.finish(request.params.uuid, request.params.secret);
      return {};
    },
  );
}

/** A connection that breaks off is no end. */
async function* whole(body: Readable, announced: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    yield chunk;
  }
  if (announced > 0 && bytes < announced) {
    throw new SluiceError('invalid', `Only ${bytes} of ${announced} bytes came.`);
  }
}
