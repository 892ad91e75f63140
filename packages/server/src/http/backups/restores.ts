import {
  BackupRestore,
  BackupRestoreCreate,
  Filter,
  listOf,
  PageQuery,
  Uuid,
} from '@sluice/contract';
import { Type } from 'typebox';
import type { App, HttpContext } from '../context.ts';
import { wholeList } from '../lists.ts';
import { auditBackups } from './audit.ts';
import { createBackupFinders } from './find.ts';
import { restoreJson } from './views.ts';

/** `/apps/v3/backup-restores/`: a backup in the place of what services hold. */
export function registerBackupRestores(app: App, context: HttpContext): void {
  const { authorise, backups, find } = context;
  const { backup: findBackup, restore: findRestore, environments } = createBackupFinders(context);
  const audit = auditBackups(context);

  app.get(
    '/apps/v3/backup-restores/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'List restores, newest first',
        tags: ['apps'],
        querystring: Type.Object({ ...PageQuery, environment: Filter, application: Filter }),
        response: { 200: listOf(BackupRestore) },
      },
    },
    async (request) => {
      const identity = await authorise(request, 'self');
      const found = await backups.restores(await environments(identity, request.query));
      return wholeList(request, found.map(restoreJson));
    },
  );

  app.post(
    '/apps/v3/backup-restores/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Replace what services hold by a backup, all of it or nothing; in the background',
        tags: ['apps'],
        body: BackupRestoreCreate,
        response: { 201: BackupRestore },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const from = await findBackup(request, body.backup, 'application:write');
      const environment = body.environment ?? from.environment.uuid;
      const to = await find.environment(request, environment, 'application:write');
      const parts = body.service_instance_restores?.map((part) => part.service_instance_backup);
      const made = await backups.restore({
        backupUuid: from.found.uuid,
        environmentUuid: to.environment.uuid,
        ...(parts === undefined || parts.length === 0 ? {} : { parts }),
        ...{ notes: body.notes ?? '', by: to.identity.email },
      });
      await audit(to, 'backup.restore', from.found.uuid, { environment: to.environment.uuid });
      reply.code(201);
      return restoreJson(made);
    },
  );

  app.get(
    '/apps/v3/backup-restores/:uuid/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'One restore, with how far it is',
        tags: ['apps'],
        params: Type.Object({ uuid: Uuid }),
        response: { 200: BackupRestore },
      },
    },
    async (request) => {
      const { found } = await findRestore(request, request.params.uuid, 'application:read');
      return restoreJson(found);
    },
  );
}
