import {
  BackupSchedule,
  BackupScheduleCreate,
  Filter,
  listOf,
  PageQuery,
  Uuid,
} from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { wholeList } from '../lists.ts';
import { auditBackups } from './audit.ts';
import { createBackupFinders } from './find.ts';
import { scheduleJson } from './views.ts';

/** `/apps/v3/backup-schedules/`: backups by the clock. */
export function registerBackupSchedules(app: App, context: HttpContext): void {
  const { authorise, backups, find } = context;
  const { schedule: findSchedule, environments } = createBackupFinders(context);
  const audit = auditBackups(context);

  app.get(
    '/apps/v3/backup-schedules/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'List schedules of backups',
        tags: ['apps'],
        querystring: Type.Object({ ...PageQuery, environment: Filter, application: Filter }),
        response: { 200: listOf(BackupSchedule) },
      },
    },
    async (request) => {
      const identity = await authorise(request, 'self');
      const found = await backups.schedules.list(await environments(identity, request.query));
      return wholeList(request, found.map(scheduleJson));
    },
  );

  app.post(
    '/apps/v3/backup-schedules/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: "Back up all of an environment's services by the clock",
        tags: ['apps'],
        body: BackupScheduleCreate,
        response: { 201: BackupSchedule },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const of = await find.environment(request, body.environment, 'application:write');
      const keepCount = body.keep_count ?? null;
      const keepDays = body.keep_days ?? null;
      if (keepCount === null && keepDays === null) {
        const text = 'Say how many backups, or the backups of how many days, are kept.';
        throw new SluiceError('invalid', text, { fields: { keep_count: [text] } });
      }
      const made = await backups.schedules.create(
        {
          environmentUuid: of.environment.uuid,
          ...{ cron: body.cron, keepCount, keepDays, by: of.identity.email },
        },
        of.application.uuid,
      );
      const detail = { environment: of.environment.uuid, cron: made.cron };
      await audit(of, 'backup.schedule', made.uuid, detail);
      reply.code(201);
      return scheduleJson(made);
    },
  );

  app.delete(
    '/apps/v3/backup-schedules/:uuid/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'End a schedule; the backups that it made stay',
        tags: ['apps'],
        params: Type.Object({ uuid: Uuid }),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const of = await findSchedule(request, request.params.uuid, 'application:write');
      await backups.schedules.remove(of.found.uuid);
      const detail = { environment: of.environment.uuid, cron: of.found.cron };
      await audit(of, 'backup.unschedule', of.found.uuid, detail);
      return reply.code(204).send(null);
    },
  );
}
