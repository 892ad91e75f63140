import {
  BackupDownload,
  BackupDownloadCreate,
  BackupDownloadServiceInstance,
  listOf,
  PageQuery,
  Uuid,
} from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { Download } from '../../services/backups/index.ts';
import type { App, HttpContext } from '../context.ts';
import { absoluteUrl, filterOf, wholeList } from '../lists.ts';
import { auditBackups } from './audit.ts';
import { createBackupFinders } from './find.ts';
import { downloadJson } from './views.ts';

const Path = Type.Object({ uuid: Uuid });

/** Asking for the data of a backup: a wish, then its parts with an address each (spec/divio.md 4.5). */
export function registerBackupDownloads(app: App, context: HttpContext): void {
  const { backups } = context;
  const { backup: findBackup, ofPart } = createBackupFinders(context);
  const audit = auditBackups(context);

  /** With whoever may not know of it refused. */
  const shown = async (request: FastifyRequest, download: Download | undefined | null) => {
    const { found } = await ofPart(
      request,
      download?.service_backup_uuid ?? '',
      'application:write',
    );
    if (!download) throw new SluiceError('not_found', 'Not found.');
    const part = found.parts.find(({ uuid }) => uuid === download.service_backup_uuid) ?? null;
    const url = part?.state === 'done' ? fileUrl(context, request, download) : null;
    return downloadJson(download, part, url);
  };

  app.post(
    '/apps/v3/backup-downloads/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Ask for the data of a backup',
        tags: ['apps'],
        body: BackupDownloadCreate,
        response: { 201: BackupDownload },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const of = await findBackup(request, body.backup, 'application:write');
      const parts = filterOf(body.service_instance_backups);
      const uuid = await backups.downloads.create({
        backupUuid: of.found.uuid,
        ...(parts === undefined ? {} : { parts }),
        by: of.identity.email,
      });
      await audit(of, 'backup.download', of.found.uuid, { environment: of.environment.uuid });
      const made = await backups.downloads.ofDownload(uuid);
      reply.code(201);
      return {
        uuid,
        backup: of.found.uuid,
        service_instance_backups: made.map((one) => one.service_backup_uuid),
      };
    },
  );

  app.get(
    '/apps/v3/backup-download-service-instances/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'The parts of a download',
        tags: ['apps'],
        querystring: Type.Object({ ...PageQuery, backup: Uuid }),
        response: { 200: listOf(BackupDownloadServiceInstance) },
      },
    },
    async (request) => {
      const found = await backups.downloads.ofDownload(request.query.backup);
      if (found.length === 0) await shown(request, null);
      const results = [];
      for (const download of found) results.push(await shown(request, download));
      return wholeList(request, results);
    },
  );

  app.get(
    '/apps/v3/backup-download-service-instances/:uuid/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'One part of a download, with its address when it is ready',
        tags: ['apps'],
        params: Path,
        response: { 200: BackupDownloadServiceInstance },
      },
    },
    async (request) => shown(request, await backups.downloads.get(request.params.uuid)),
  );
}

/** On the address that the client used. */
export function fileUrl(
  { backups }: Pick<HttpContext, 'backups'>,
  request: FastifyRequest,
  download: Download,
): string {
  const secret = backups.downloads.secretOf(download);
  return absoluteUrl(request, `/apps/v3/backup-files/${download.uuid}/${secret}/`).href;
}
