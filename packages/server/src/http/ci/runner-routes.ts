import { Readable } from 'node:stream';
import {
  FinishRequest,
  JobDeployRequest,
  LeaseProof,
  LeaseRequest,
  NoticesRequest,
  VerdictRequest,
} from '@sluice/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Ci } from '../../ci/index.ts';
import { SluiceError } from '../../errors.ts';
import type { App } from '../context.ts';
import type { DeployFromJob } from './job-deploy.ts';

export interface RunnerRoutes {
  readonly ci: Pick<Ci, 'runner'>;
  /** Asks for a deployment on behalf of a job that proved its lease. */
  readonly deployFromJob: DeployFromJob;
  /** True for a runner's token, and for the Unix socket of the embedded runner. */
  readonly authenticateRunner: (request: FastifyRequest) => Promise<boolean>;
}

const JobPath = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });
/** A gzipped tar of cached directories. */
const CACHE_TYPE = 'application/x-gtar-compressed';
const MAX_LOG_CHUNK_BYTES = 4_000_000;

/**
 * The runner protocol (packages/contract/src/runner-protocol.ts). A runner is not trusted: besides its own token every
 * call but `lease` proves that it leases the job, and nothing else of the server can be reached from here.
 */
export async function registerRunnerRoutes(
  app: App,
  { ci, deployFromJob, authenticateRunner }: RunnerRoutes,
): Promise<void> {
  await app.register(async (scope: App) => {
    scope.addHook('onRequest', async (request) => {
      if (await authenticateRunner(request)) return;
      throw new SluiceError('unauthenticated', 'A runner token is needed.');
    });
    scope.addContentTypeParser(
      'application/octet-stream',
      { parseAs: 'buffer', bodyLimit: MAX_LOG_CHUNK_BYTES },
      (_request, body, done) => done(null, body),
    );

    // An archive goes to the disk as it comes: it may be far larger than what fits into memory.
    scope.addContentTypeParser(CACHE_TYPE, (_request, payload, done) => done(null, payload));

    /** The guard leaves these alone: their callers prove themselves by a runner's token and a lease. */
    const config = { public: true, ownAuthentication: true } as const;
    const schema = (summary: string) => ({ summary, tags: ['runner'] });

    scope.post(
      '/runner/v1/lease',
      { config, schema: { ...schema('Take the next job'), body: LeaseRequest } },
      async (request, reply) => {
        const { runner, isolates, waitSeconds } = request.body;
        const leased = await ci.runner.lease(
          { runner, isolates },
          waitSeconds * 1000,
          goneAway(reply),
        );
        return leased === null ? reply.code(204).send() : leased;
      },
    );

    scope.post(
      '/runner/v1/jobs/:id/renew',
      { config, schema: { ...schema('Keep a lease'), params: JobPath, body: LeaseProof } },
      ({ params, body }) => ci.runner.renew(params.id, body.leaseToken),
    );

    scope.post(
      '/runner/v1/jobs/:id/log',
      {
        config,
        bodyLimit: MAX_LOG_CHUNK_BYTES,
        schema: {
          ...schema('Append to a log'),
          params: JobPath,
          querystring: Type.Object({ offset: Type.Integer({ minimum: 0 }) }),
          headers: Type.Object({ 'x-lease': Type.String() }),
        },
      },
      ({ params, query, headers, body }) => {
        if (!Buffer.isBuffer(body)) {
          throw new SluiceError('invalid', 'Send the bytes as application/octet-stream.');
        }
        return ci.runner.appendLog(params.id, headers['x-lease'], query.offset, body);
      },
    );

    scope.post(
      '/runner/v1/jobs/:id/notices',
      { config, schema: { ...schema('Add notices'), params: JobPath, body: NoticesRequest } },
      async ({ params, body }, reply) => {
        await ci.runner.notices(params.id, body.leaseToken, body.notices);
        return reply.code(204).send();
      },
    );

    scope.post(
      '/runner/v1/jobs/:id/verdict',
      { config, schema: { ...schema('Store a verdict'), params: JobPath, body: VerdictRequest } },
      async ({ params, body }, reply) => {
        await ci.runner.verdict(params.id, body.leaseToken, body.verdict);
        return reply.code(204).send();
      },
    );

    const cache = {
      params: JobPath,
      querystring: Type.Object({ slug: Type.String({ maxLength: 200 }) }),
      headers: Type.Object({ 'x-lease': Type.String() }),
    };
    scope.get(
      '/runner/v1/jobs/:id/cache',
      { config, schema: { ...schema('Fetch cached directories'), ...cache } },
      async ({ params, query, headers }, reply) => {
        const found = await ci.runner.caches.fetch(params.id, headers['x-lease'], query.slug);
        if (found === null) return reply.code(204).send();
        return reply
          .header('content-length', found.sizeBytes)
          .header('x-cache-scope', encodeURIComponent(found.scope))
          .type(CACHE_TYPE)
          .send(found.stream);
      },
    );

    scope.put(
      '/runner/v1/jobs/:id/cache',
      { config, schema: { ...schema('Store cached directories'), ...cache } },
      async (request, reply) => {
        const { params, query, headers, body } = request;
        if (!(body instanceof Readable)) {
          throw new SluiceError('invalid', `Send the archive as ${CACHE_TYPE}.`);
        }
        const announced = Number(request.headers['content-length'] ?? 0);
        await ci.runner.caches.store(params.id, headers['x-lease'], query.slug, body, announced);
        return reply.code(204).send();
      },
    );

    scope.post(
      '/runner/v1/jobs/:id/deploy',
      {
        config,
        schema: {
          ...schema('Deploy the commit that the job has tested'),
          params: JobPath,
          body: JobDeployRequest,
        },
      },
      ({ params, body }) =>
        deployFromJob(() => ci.runner.deployable(params.id, body.leaseToken), body),
    );

    scope.post(
      '/runner/v1/jobs/:id/finish',
      { config, schema: { ...schema('End a job'), params: JobPath, body: FinishRequest } },
      async ({ params, body }, reply) => {
        const { leaseToken, ...ending } = body;
        await ci.runner.finish(params.id, leaseToken, ending);
        return reply.code(204).send();
      },
    );
  });
}

/** Aborts when the asking side closes the connection before it has its answer. */
function goneAway(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
