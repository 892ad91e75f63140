import { Uuid, V1DataAccepted, V1DataProgress, V1DataRequest } from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { absoluteUrl } from '../lists.ts';
import { auditBackups } from './audit.ts';
import { fileUrl } from './downloads.ts';
import { createBackupFinders } from './find.ts';
import { DATA, type DataName, findV1Service, soon } from './v1-service.ts';

const Website = Type.Object({ id: Type.String() });

/** `divio app pull` of 3.x: a backup is made, and its progress ends with the address of a `.tar.gz` (spec/divio.md 5). */
export function registerV1Pull(app: App, context: HttpContext): void {
  const { backups, find } = context;
  const { ofPart } = createBackupFinders(context);
  const audit = auditBackups(context);

  for (const data of Object.keys(DATA) as DataName[]) {
    app.post(
      `/api/v1/website/:id/download/${data}/request/`,
      {
        config: { action: 'application:write' },
        schema: {
          summary: `Ask for the data of an environment's ${DATA[data].title}`,
          tags: ['v1'],
          params: Website,
          body: V1DataRequest,
          response: { 200: V1DataAccepted },
        },
      },
      async (request) => {
        const { stage, prefix } = request.body;
        const wanted = { stage: stage ?? '', prefix: prefix ?? '' };
        const of = await findV1Service(context, request, data, wanted);
        const { environment, identity } = of;
        const made = await backups.create({
          ...{ environmentUuid: environment.uuid, services: [of.service.uuid] },
          ...{ notes: 'Divio CLI pull', deleteAt: soon(), by: identity.email },
        });
        const wish = await backups.downloads.create({
          ...{ backupUuid: made.uuid, form: 'archive', by: identity.email },
        });
        const details = { environment: environment.uuid };
        await audit(of, 'backup.create', made.uuid, details);
        await audit(of, 'backup.download', made.uuid, details);
        const path = `/api/v1/website/${of.application.websiteId}/downloads/${wish}/progress/`;
        return { progress_url: absoluteUrl(request, path).href };
      },
    );
  }

  app.get(
    '/api/v1/website/:id/downloads/:uuid/progress/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Whether the data can be had already, and where',
        tags: ['v1'],
        params: Type.Object({ id: Type.String(), uuid: Uuid }),
        response: { 200: V1DataProgress },
      },
    },
    async (request) => {
      const { id, uuid } = request.params;
      const { application } = await find.website(request, id, 'application:write');
      const [download] = await backups.downloads.ofDownload(uuid);
      const partUuid = download?.service_backup_uuid ?? '';
      const { found } = await ofPart(request, partUuid, 'application:write');
      const part = found.parts.find((one) => one.uuid === partUuid);
      if (download === undefined || found.application_uuid !== application.uuid) {
        throw new SluiceError('not_found', 'Not found.');
      }
      if (part?.state === 'done') {
        return { success: true, result: fileUrl(context, request, download) };
      }
      if (part?.state === 'failed' || part?.state === 'removed') {
        return { success: false, result: part.error ?? 'The backup was removed.' };
      }
      return { success: null, result: null };
    },
  );
}
