import { TravisCommit, TravisJob, TravisLog } from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { App } from '../context.ts';
import type { TravisContext } from './context.ts';
import { commitShape, jobShape } from './shapes.ts';

const Path = Type.Object({ id: Type.Integer() });
const Log = { 200: Type.Object({ log: TravisLog }) };
const Done = { 200: Type.Object({ result: Type.Boolean() }) };

/** Jobs and their logs. A log goes by the number of its job. */
export function registerTravisJobs(app: App, context: TravisContext): void {
  const { access, ci, publicUrl } = context;

  app.get(
    '/jobs/:id(^\\d+$)',
    {
      config: { action: 'build:read' },
      schema: {
        summary: 'A job with its commit',
        tags: ['travis'],
        params: Path,
        response: { 200: Type.Object({ job: TravisJob, commit: TravisCommit }) },
      },
    },
    async (request) => {
      const { job, repository } = await access.job(request, request.params.id, 'build:read');
      const { build } = await access.build(request, job.build, 'build:read');
      return { job: jobShape(job, repository.id), commit: commitShape(build, publicUrl()) };
    },
  );

  const logOf = async (request: FastifyRequest, id: number) => {
    const { job } = await access.job(request, id, 'build:read');
    const body = (await ci.jobs.logBytes(job.id, 0)).toString('utf8');
    return { log: { id: job.id, job_id: job.id, type: 'Log' as const, body } };
  };

  app.get(
    '/logs/:id(^\\d+$)',
    {
      config: { action: 'build:read' },
      schema: { summary: 'A log', tags: ['travis'], params: Path, response: Log },
    },
    async (request) => logOf(request, request.params.id),
  );

  app.get(
    '/jobs/:id(^\\d+$)/log',
    {
      config: { action: 'build:read' },
      schema: {
        summary: 'The log of a job, as JSON or as plain text',
        tags: ['travis'],
        params: Path,
      },
    },
    async (request, reply) => {
      const answer = await logOf(request, request.params.id);
      if (request.headers.accept?.includes('text/plain') !== true) return answer;
      // Never sniffed for markup: what a job prints must not run in a reader's browser.
      return reply
        .header('content-type', 'text/plain; charset=utf-8')
        .header('content-security-policy', "default-src 'none'; sandbox")
        .send(answer.log.body);
    },
  );

  for (const [verb, summary, act] of [
    ['restart', 'Run a job again', ci.restartJob],
    ['cancel', 'Cancel a job', ci.cancelJob],
  ] as const) {
    app.post(
      `/jobs/:id(^\\d+$)/${verb}`,
      {
        config: { action: 'build:write' },
        schema: { summary, tags: ['travis'], params: Path, response: Done },
      },
      async (request) => {
        const { job, identity } = await access.job(request, request.params.id, 'build:write');
        await act(job.id, identity.email);
        return { result: true };
      },
    );
  }
}
