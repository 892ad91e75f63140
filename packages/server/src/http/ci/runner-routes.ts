import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import {
  FinishRequest,
  LeaseProof,
  LeaseRequest,
  NoticesRequest,
  VerdictRequest,
} from '@sluice/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Ci } from '../../ci/index.ts';
import { SluiceError } from '../../errors.ts';

export interface RunnerRoutes {
  readonly ci: Pick<Ci, 'runner'>;
  /** True for a runner's token, and for the Unix socket of the embedded runner. */
  readonly authenticateRunner: (request: FastifyRequest) => Promise<boolean>;
}

const JobPath = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });
const MAX_LOG_CHUNK_BYTES = 4_000_000;

/**
 * The runner protocol (packages/contract/src/runner-protocol.ts). A runner is not trusted: besides its own token every
 * call but `lease` proves that it leases the job, and nothing else of the server can be reached from here.
 */
export async function registerRunnerRoutes(
  instance: FastifyInstance,
  { ci, authenticateRunner }: RunnerRoutes,
): Promise<void> {
  await instance.register(async (scope) => {
    const app = scope.withTypeProvider<TypeBoxTypeProvider>();
    app.addHook('onRequest', async (request) => {
      if (await authenticateRunner(request)) return;
      throw new SluiceError('unauthenticated', 'A runner token is needed.');
    });
    app.addContentTypeParser(
      'application/octet-stream',
      { parseAs: 'buffer', bodyLimit: MAX_LOG_CHUNK_BYTES },
      (_request, body, done) => done(null, body),
    );

    app.post('/runner/v1/lease', { schema: { body: LeaseRequest } }, async (request, reply) => {
      const { runner, isolates, waitSeconds } = request.body;
      const leased = await ci.runner.lease(
        { runner, isolates },
        waitSeconds * 1000,
        goneAway(request, reply),
      );
      return leased === null ? reply.code(204).send() : leased;
    });

    app.post(
      '/runner/v1/jobs/:id/renew',
      { schema: { params: JobPath, body: LeaseProof } },
      ({ params, body }) => ci.runner.renew(params.id, body.leaseToken),
    );

    app.post(
      '/runner/v1/jobs/:id/log',
      {
        bodyLimit: MAX_LOG_CHUNK_BYTES,
        schema: {
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

    app.post(
      '/runner/v1/jobs/:id/notices',
      { schema: { params: JobPath, body: NoticesRequest } },
      async ({ params, body }, reply) => {
        await ci.runner.notices(params.id, body.leaseToken, body.notices);
        return reply.code(204).send();
      },
    );

    app.post(
      '/runner/v1/jobs/:id/verdict',
      { schema: { params: JobPath, body: VerdictRequest } },
      async ({ params, body }, reply) => {
        await ci.runner.verdict(params.id, body.leaseToken, body.verdict);
        return reply.code(204).send();
      },
    );

    app.post(
      '/runner/v1/jobs/:id/finish',
      { schema: { params: JobPath, body: FinishRequest } },
      async ({ params, body }, reply) => {
        const { leaseToken, ...ending } = body;
        await ci.runner.finish(params.id, leaseToken, ending);
        return reply.code(204).send();
      },
    );
  });
}

/** Aborts when the asking side closes the connection before it has its answer. */
function goneAway(request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  request.raw.socket.once('close', () => controller.abort());
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
