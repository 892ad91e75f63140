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
import { Value } from 'typebox/value';
import { type Ci, machineOf, type RunnerFacts, superseded, tokenIn } from '../../ci/index.ts';
import { SluiceError } from '../../errors.ts';
import type { RunnerRow } from '../../store/schema/runners.ts';
import type { App } from '../context.ts';
import type { DeployFromJob } from './job-deploy.ts';
import { checkProtocol, registerRunnerRegistration, registerRunnerSelf } from './runner-self.ts';

export interface RunnerRoutes {
  readonly ci: Pick<Ci, 'runner' | 'runners'>;
  /** Asks for a deployment on behalf of a job that proved its lease. */
  readonly deployFromJob: DeployFromJob;
  /** The server's own address, as it tells it to jobs. */
  readonly publicUrl: () => string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The registered runner that asks; null: the one inside the server, over its socket. */
    runner: RunnerRow | null;
  }
}

const JobPath = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });
/** A gzipped tar of cached directories. */
const CACHE_TYPE = 'application/x-gtar-compressed';
/** One file of a job. */
const ARTIFACT_TYPE = 'application/x-sluice-artifact';
const MAX_LOG_CHUNK_BYTES = 4_000_000;

/**
 * The runner protocol (packages/contract/src/runner-protocol.ts). A runner is not trusted: besides its own token every
 * call about a job proves that it leases it, the job must be one that was handed to this very runner, and nothing else of
 * the server can be reached from here.
 */
export async function registerRunnerRoutes(
  app: App,
  { ci, deployFromJob, publicUrl }: RunnerRoutes,
): Promise<void> {
  registerRunnerRegistration(app, ci);
  await app.register(async (scope: App) => {
    scope.decorateRequest('runner', null);
    scope.addHook('onRequest', async (request) => {
      if (request.isInternal) return;
      const token = tokenIn(request.headers.authorization, 'slr_');
      request.runner = token === null ? null : await ci.runners.authenticate(token);
      if (request.runner === null) {
        throw new SluiceError('unauthenticated', 'A runner token is needed.');
      }
    });
    // A lease token that leaked is of no use to another runner.
    scope.addHook('preHandler', async ({ runner, params }) => {
      if (runner === null || !Value.Check(JobPath, params)) return;
      if (await ci.runners.holds(runner, params.id)) return;
      throw new SluiceError('not_found', `This runner does not lease a job ${params.id}.`);
    });
    scope.addContentTypeParser(
      'application/octet-stream',
      { parseAs: 'buffer', bodyLimit: MAX_LOG_CHUNK_BYTES },
      (_request, body, done) => done(null, body),
    );

    // An archive goes to the disk as it comes: it may be far larger than what fits into memory.
    for (const type of [CACHE_TYPE, ARTIFACT_TYPE]) {
      scope.addContentTypeParser(type, (_request, payload, done) => done(null, payload));
    }

    /** The guard leaves these alone: their callers prove themselves by a runner's token and a lease. */
    const config = { public: true, ownAuthentication: true } as const;
    const schema = (summary: string) => ({ summary, tags: ['runner'] });

    scope.post(
      '/runner/v1/lease',
      { config, schema: { ...schema('Take the next job'), body: LeaseRequest } },
      async (request, reply) => {
        const { waitSeconds } = request.body;
        const facts = factsOf(request, request.body);
        const leased = await ci.runner.lease(facts, waitSeconds * 1000, goneAway(reply));
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

    scope.put(
      '/runner/v1/jobs/:id/artifacts',
      {
        config,
        schema: {
          ...schema('Keep a file of a job'),
          params: JobPath,
          querystring: Type.Object({ path: Type.String({ maxLength: 2_000 }) }),
          headers: Type.Object({
            'x-lease': Type.String(),
            'x-sha256': Type.String({ pattern: '^[0-9a-f]{64}$' }),
          }),
        },
      },
      async (request, reply) => {
        const { params, query, headers, body } = request;
        if (!(body instanceof Readable)) {
          throw new SluiceError('invalid', `Send the file as ${ARTIFACT_TYPE}.`);
        }
        const sizeBytes = Number(request.headers['content-length'] ?? 0);
        const upload = { body, sizeBytes, path: query.path, sha256: headers['x-sha256'] };
        await ci.runner.artifacts
          .store(params.id, headers['x-lease'], upload)
          // Taken to its end: a runner that is cut off while it sends hears nothing of the refusal.
          .finally(() => body.resume());
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
      '/runner/v1/jobs/:id/give-back',
      { config, schema: { ...schema('Give a job back'), params: JobPath, body: LeaseProof } },
      async ({ params, body }, reply) => {
        await ci.runner.giveBack(params.id, body.leaseToken);
        return reply.code(204).send();
      },
    );

    registerRunnerSelf(scope, { ci, publicUrl });

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

/** Who asks for a job: what is known of a registered runner counts, not what it says now. */
function factsOf(request: FastifyRequest, body: LeaseRequest): RunnerFacts {
  const { runner } = request;
  if (runner === null) return { runner: body.runner, isolates: body.isolates };
  checkProtocol(request);
  if (body.instance === undefined || body.request === undefined) {
    throw new SluiceError('invalid', 'A registered runner names its process and its question.');
  }
  const { instance, request: question } = body;
  if (runner.instance !== instance) throw superseded(runner.name);
  return {
    runner: runner.name,
    isolates: runner.isolates === 1,
    registered: { uuid: runner.uuid, machine: machineOf(runner), instance, request: question },
  };
}

/** Aborts when the asking side closes the connection before it has its answer. */
function goneAway(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
