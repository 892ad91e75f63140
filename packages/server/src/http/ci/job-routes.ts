import { Job, JobLogQuery } from '@sluice/contract';
import { Type } from 'typebox';
import type { App } from '../context.ts';
import { type CiRoutes, createCiAccess } from './access.ts';
import { answerLog } from './log-answer.ts';

const Path = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });

/** Jobs and their logs: `/ci/v3/jobs/`. */
export function registerJobs(app: App, routes: CiRoutes): void {
  const { ci } = routes;
  const access = createCiAccess(routes);

  app.get(
    '/ci/v3/jobs/:id/',
    {
      config: { action: 'build:read' },
      schema: { summary: 'A job', tags: ['ci'], params: Path, response: { 200: Job } },
    },
    async (request) => (await access.job(request, request.params.id, 'build:read')).job,
  );

  app.post(
    '/ci/v3/jobs/:id/cancel/',
    {
      config: { action: 'build:write' },
      schema: { summary: 'Cancel a job', tags: ['ci'], params: Path, response: { 200: Job } },
    },
    async (request) => {
      const { id } = request.params;
      const { who } = await access.job(request, id, 'build:write');
      await ci.cancelJob(id, who);
      return (await access.job(request, id, 'build:write')).job;
    },
  );

  app.post(
    '/ci/v3/jobs/:id/restart/',
    {
      config: { action: 'build:write' },
      schema: { summary: 'Run a job again', tags: ['ci'], params: Path, response: { 200: Job } },
    },
    async (request) => {
      const { id } = request.params;
      const { who } = await access.job(request, id, 'build:write');
      await ci.restartJob(id, who);
      return (await access.job(request, id, 'build:write')).job;
    },
  );

  app.get(
    '/ci/v3/jobs/:id/log/',
    {
      config: { action: 'build:read' },
      schema: {
        summary: 'A job’s log: a long poll for JSON, else plain text',
        tags: ['ci'],
        params: Path,
        querystring: JobLogQuery,
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await access.job(request, id, 'build:read');
      return answerLog(ci, request, reply, id, request.query);
    },
  );
}
