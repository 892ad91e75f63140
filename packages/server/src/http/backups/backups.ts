import {
  Backup,
  BackupCopy,
  BackupCreate,
  BackupRestore,
  BackupUpload,
  BackupUploadAnswer,
  Filter,
  listOf,
  PageQuery,
  ServiceInstanceBackup,
  Uuid,
} from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { absoluteUrl, filterOf, pageAnswer, pageOf } from '../lists.ts';
import { auditBackups } from './audit.ts';
import { createBackupFinders } from './find.ts';
import { backupJson, partJson, restoreJson } from './views.ts';

const Path = Type.Object({ uuid: Uuid });

/** Backups of environments' services: `/apps/v3/backups/` and what is made by one call (spec/divio.md 4.5). */
export function registerBackups(app: App, context: HttpContext): void {
  const { authorise, backups, find } = context;
  const { backup: findBackup, ofPart, environments } = createBackupFinders(context);
  const audit = auditBackups(context);

  app.get(
    '/apps/v3/backups/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'List backups of services, of environments or of an application, newest first',
        tags: ['apps'],
        querystring: Type.Object({ ...PageQuery, environment: Filter, application: Filter }),
        response: { 200: listOf(Backup) },
      },
    },
    async (request) => {
      const identity = await authorise(request, 'self');
      const page = pageOf(request.query);
      const environmentUuids = await environments(identity, request.query);
      const { count, backups: found } = await backups.list({ environmentUuids }, page);
      return pageAnswer(request, page, count, found.map(backupJson));
    },
  );

  app.post(
    '/apps/v3/backups/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: "Back up an environment's services, or some of them; it is made in the background",
        tags: ['apps'],
        body: BackupCreate,
        response: { 201: Backup },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const of = await find.environment(request, body.environment, 'application:write');
      const made = await backups.create(wishOf(body, of.identity.email));
      await audit(of, 'backup.create', made.uuid, { environment: made.environment_uuid });
      reply.code(201);
      return backupJson(made);
    },
  );

  app.post(
    '/apps/v3/backups/upload/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Bring a backup: answers where the bytes go',
        tags: ['apps'],
        body: BackupUpload,
        response: { 201: BackupUploadAnswer },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const of = await find.environment(request, body.environment, 'application:write');
      const made = await backups.uploads.create(wishOf(body, of.identity.email));
      await audit(of, 'backup.upload', made.backupUuid, { environment: body.environment });
      reply.code(201);
      const results = made.addresses.map(({ serviceUuid, uuid, secret, limit }) => {
        const { href } = absoluteUrl(request, `/apps/v3/backup-uploads/${uuid}/${secret}/`);
        const upload_parameters = { url: href, max_file_size: limit };
        const finish_url = `${href}finish/`;
        return [
          serviceUuid,
          { handler: 'exo-presigned-v1', upload_parameters, finish_url },
        ] as const;
      });
      return { uuid: made.backupUuid, results: Object.fromEntries(results) };
    },
  );

  app.post(
    '/apps/v3/backups/copy/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: "Copy the data of one environment's services into another's; answers the restore",
        tags: ['apps'],
        body: BackupCopy,
        response: { 201: BackupRestore },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const from = await find.environment(request, body.environment, 'application:write');
      const to = await find.environment(request, body.to, 'application:write');
      const notes = `Copy of ${from.application.slug} ${from.environment.slug}`;
      const made = await backups.copy({
        ...wishOf({ ...body, notes }, to.identity.email),
        to: to.environment.uuid,
      });
      const detail = { from: from.environment.uuid, to: to.environment.uuid };
      await audit(to, 'backup.copy', made.backup_uuid, detail);
      reply.code(201);
      return restoreJson(made);
    },
  );

  app.get(
    '/apps/v3/backups/:uuid/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'One backup, with how far it is',
        tags: ['apps'],
        params: Path,
        response: { 200: Backup },
      },
    },
    async (request) => {
      const { found } = await findBackup(request, request.params.uuid, 'application:read');
      return backupJson(found);
    },
  );

  app.delete(
    '/apps/v3/backups/:uuid/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Remove a backup and its data for good',
        tags: ['apps'],
        params: Path,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const of = await findBackup(request, request.params.uuid, 'application:write');
      await backups.remove(of.found.uuid);
      await audit(of, 'backup.remove', of.found.uuid, { environment: of.environment.uuid });
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/apps/v3/service-instance-backups/:uuid/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: "One service's part of a backup",
        tags: ['apps'],
        params: Path,
        response: { 200: ServiceInstanceBackup },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      const { found } = await ofPart(request, uuid, 'application:read');
      const part = found.parts.find((one) => one.uuid === uuid);
      if (part === undefined) throw new SluiceError('not_found', 'Not found.');
      return partJson(part);
    },
  );
}

function wishOf(body: BackupUpload, by: string) {
  const services = filterOf(body.services);
  const deleteAt = readTime(body.scheduled_for_deletion_at ?? null);
  return {
    environmentUuid: body.environment,
    ...(services === undefined ? {} : { services }),
    ...{ notes: body.notes ?? '', deleteAt, by },
  };
}

/** In any form that clients write a time, such as `2026-01-31T12:00:00.5+00:00`. */
function readTime(text: string | null): string | null {
  if (text === null || text === '') return null;
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  const message = `"${text}" is no time. Write it as 2026-01-31T12:00:00Z.`;
  throw new SluiceError('invalid', message, { fields: { scheduled_for_deletion_at: [message] } });
}
