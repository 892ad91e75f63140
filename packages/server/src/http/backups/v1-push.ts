import { Uuid, V1DataAccepted, V1DataProgress } from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import { isEnded } from '../../services/backups/index.ts';
import type { App, HttpContext } from '../context.ts';
import { absoluteUrl } from '../lists.ts';
import { auditBackups } from './audit.ts';
import { createBackupFinders } from './find.ts';
import { type FormWithFile, readForm } from './form.ts';
import { DATA, type DataName, findV1Service, soon } from './v1-service.ts';

const Website = Type.Object({ id: Type.String() });

/** `divio app push` of 3.x: one form with the file, which is a backup at once and is restored (spec/divio.md 5). */
export function registerV1Push(app: App, context: HttpContext): void {
  const { find } = context;
  const { restore: findRestore } = createBackupFinders(context);

  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // Read piece by piece in the handler, when it is known who asks.
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    for (const data of Object.keys(DATA) as DataName[]) {
      scope.post(
        `/api/v1/website/:id/upload/${data}/`,
        {
          config: { action: 'application:write' },
          schema: {
            summary: `Replace what an environment's ${DATA[data].title} holds: a form with stage, prefix and then the file "${DATA[data].file}"`,
            tags: ['v1'],
            params: Website,
            response: { 200: V1DataAccepted },
          },
          bodyLimit: Number.MAX_SAFE_INTEGER,
        },
        async (request) => {
          const { id } = request.params as { id: string };
          const { application } = await find.website(request, id, 'application:write');
          const form = await readForm(request, DATA[data].file);
          const restoreUuid = await take(context, request, data, form).finally(form.drain);
          const path = `/api/v1/website/${application.websiteId}/uploads/${restoreUuid}/progress/`;
          return { progress_url: absoluteUrl(request, path).href };
        },
      );
    }
  });

  app.get(
    '/api/v1/website/:id/uploads/:uuid/progress/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'Whether what was brought is in its place already',
        tags: ['v1'],
        params: Type.Object({ id: Type.String(), uuid: Uuid }),
        response: { 200: V1DataProgress },
      },
    },
    async (request) => {
      const { id, uuid } = request.params;
      const { application } = await find.website(request, id, 'application:read');
      const of = await findRestore(request, uuid, 'application:read');
      if (of.application.uuid !== application.uuid) {
        throw new SluiceError('not_found', 'Not found.');
      }
      const { parts } = of.found;
      if (!parts.every(isEnded)) return { success: null, result: null };
      const failed = parts.find(({ state }) => state !== 'done');
      return { success: failed === undefined, result: failed?.error ?? null };
    },
  );
}

/** Answers the uuid of the restore. */
async function take(
  context: HttpContext,
  request: FastifyRequest,
  data: DataName,
  { fields, bytes }: FormWithFile,
): Promise<string> {
  const { backups } = context;
  const audit = auditBackups(context);
  const wanted = { stage: fields.get('stage') ?? '', prefix: fields.get('prefix') ?? '' };
  const of = await findV1Service(context, request, data, wanted);
  const details = { environment: of.environment.uuid };
  const environmentUuid = of.environment.uuid;
  const about = { notes: 'Divio CLI push', by: of.identity.email };
  const { backupUuid, addresses } = await backups.uploads.create({
    ...{ environmentUuid, services: [of.service.uuid], deleteAt: soon(), ...about },
  });
  await audit(of, 'backup.upload', backupUuid, details);
  for (const { uuid, secret } of addresses) {
    // Also where nothing good came: the backup then says so.
    await backups.uploads
      .receive(uuid, secret, bytes, 0)
      .finally(() => backups.uploads.finish(uuid, secret));
  }
  const restore = await backups.restore({ backupUuid, ...about });
  await audit(of, 'backup.restore', backupUuid, details);
  return restore.uuid;
}
