import {
  CronJob,
  CronJobCreate,
  type CronJob as CronJobJson,
  CronRun,
  type CronRun as CronRunJson,
  CronRuns,
  Filter,
  listOf,
  PageQuery,
  Uuid,
} from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Action } from '../../accounts/index.ts';
import type { CronJobView } from '../../deploy/cron/index.ts';
import { SluiceError } from '../../errors.ts';
import type { CronRunRow } from '../../store/schema/cron.ts';
import type { App, HttpContext } from '../context.ts';
import { filterOf, wholeList } from '../lists.ts';

const Path = Type.Object({ uuid: Uuid });

/** Scheduled commands of environments: `/apps/v3/cronjobs/`. */
export function registerCron(app: App, { accounts, authorise, cron, find }: HttpContext): void {
  const job = async (request: FastifyRequest, uuid: string, action: Action) => {
    const row = await cron.get(uuid);
    const of = await find.environment(request, row?.environment_uuid ?? '', action);
    if (row === null) throw new SluiceError('not_found', 'Not found.');
    return { ...of, row };
  };
  const audit = (actor: string, verb: string, uuid: string, details: Record<string, unknown>) =>
    accounts.audit(null, {
      ...{ actor, action: `cronjob.${verb}`, target: `environment:${uuid}`, details },
    });

  app.get(
    '/apps/v3/cronjobs/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'List the cron jobs of environments, with the last run of each',
        tags: ['apps'],
        querystring: Type.Object({ ...PageQuery, environment: Filter }),
        response: { 200: listOf(CronJob) },
      },
    },
    async (request) => {
      await authorise(request, 'self');
      const all: CronJobView[] = [];
      for (const uuid of filterOf(request.query.environment) ?? []) {
        const { environment } = await find.environment(request, uuid, 'application:read');
        all.push(...(await cron.list(environment.uuid)));
      }
      return wholeList(request, all.map(jobJson));
    },
  );

  app.post(
    '/apps/v3/cronjobs/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Add a cron job; it takes effect with the next deployment',
        tags: ['apps'],
        body: CronJobCreate,
        response: { 201: CronJob },
      },
    },
    async (request, reply) => {
      const { environment: uuid, command, schedule } = request.body;
      const { environment, identity } = await find.environment(request, uuid, 'application:write');
      const made = await cron.add(environment.uuid, command, schedule);
      await audit(identity.email, 'create', environment.uuid, { command, schedule });
      reply.code(201);
      return jobJson(made);
    },
  );

  app.get(
    '/apps/v3/cronjobs/:uuid/',
    {
      config: { action: 'application:read' },
      schema: { summary: 'One cron job', tags: ['apps'], params: Path, response: { 200: CronJob } },
    },
    async (request) => {
      const { row } = await job(request, request.params.uuid, 'application:read');
      return jobJson(await cron.view(row));
    },
  );

  app.delete(
    '/apps/v3/cronjobs/:uuid/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Remove a cron job; it takes effect with the next deployment',
        tags: ['apps'],
        params: Path,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { row, identity } = await job(request, request.params.uuid, 'application:write');
      await cron.remove(row.uuid);
      const { command, schedule } = row;
      await audit(identity.email, 'remove', row.environment_uuid, { command, schedule });
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/apps/v3/cronjobs/:uuid/runs/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'The last runs of a cron job, newest first',
        tags: ['apps'],
        params: Path,
        response: { 200: CronRuns },
      },
    },
    async (request) => {
      const { row } = await job(request, request.params.uuid, 'application:read');
      return { runs: (await cron.runs(row.uuid)).map(runJson) };
    },
  );

  app.post(
    '/apps/v3/cronjobs/:uuid/run/',
    {
      config: { action: 'application:deploy' },
      schema: {
        summary: 'Run a cron job now, as it is, in what is live',
        tags: ['apps'],
        params: Path,
        response: { 201: CronRun },
      },
    },
    async (request, reply) => {
      const { row, identity } = await job(request, request.params.uuid, 'application:deploy');
      const run = await cron.run(row.uuid, identity.email);
      await audit(identity.email, 'run', row.environment_uuid, { command: row.command });
      reply.code(201);
      return runJson(run);
    },
  );
}

const jobJson = (job: CronJobView): CronJobJson => ({
  uuid: job.uuid,
  environment: job.environment_uuid,
  command: job.command,
  schedule: job.schedule,
  created_at: job.created_at,
  next_run_at: job.nextRunAt,
  last_run: job.lastRun === null ? null : runJson(job.lastRun),
});

const runJson = (run: CronRunRow): CronRunJson => ({
  uuid: run.uuid,
  cron_job: run.cron_job_uuid,
  environment: run.environment_uuid,
  release: run.release_uuid,
  command: run.command,
  due_at: run.due_at,
  started_at: run.started_at,
  ended_at: run.ended_at,
  outcome: run.outcome,
  detail: run.detail,
  requested_by: run.requested_by,
});
