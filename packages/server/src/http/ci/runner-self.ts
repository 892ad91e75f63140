import {
  HelloAnswer,
  HelloRequest,
  OLDEST_RUNNER_PROTOCOL,
  RegisterAnswer,
  RegisterRequest,
  RUNNER_PROTOCOL,
  RUNNER_PROTOCOL_HEADER,
  StateRequest,
} from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { type Ci, tokenIn } from '../../ci/index.ts';
import { SluiceError } from '../../errors.ts';
import type { App } from '../context.ts';
import { VERSION } from '../version.ts';

const schema = (summary: string) => ({ summary, tags: ['runner'] });
/** The guard leaves these alone: their callers prove themselves by a token of their own kind. */
const config = { public: true, ownAuthentication: true } as const;

/** The door through which a runner comes in: a registration token opens this one call and nothing else. */
export function registerRunnerRegistration(app: App, ci: Pick<Ci, 'runners'>): void {
  app.post(
    '/runner/v1/register',
    {
      config,
      onRequest: async (request) => {
        if (tokenIn(request.headers.authorization, 'slg_') === null) {
          throw new SluiceError('unauthenticated', 'A registration token is needed.');
        }
      },
      schema: {
        ...schema('Become a runner of this installation'),
        body: RegisterRequest,
        response: { 201: RegisterAnswer },
      },
    },
    async (request, reply) => {
      checkProtocol(request);
      const token = tokenIn(request.headers.authorization, 'slg_') ?? '';
      return reply.code(201).send(await ci.runners.register(token, request.body));
    },
  );
}

/** What a registered runner says of itself. */
export function registerRunnerSelf(
  scope: App,
  { ci, publicUrl }: { ci: Pick<Ci, 'runners'>; publicUrl: () => string },
): void {
  scope.post(
    '/runner/v1/hello',
    {
      config,
      schema: {
        ...schema('Begin to work as this runner'),
        body: HelloRequest,
        response: { 200: HelloAnswer },
      },
    },
    async (request) => {
      const runner = registered(request);
      checkProtocol(request);
      await ci.runners.hello(runner, request.body);
      return {
        uuid: runner.uuid,
        name: runner.name,
        paused: runner.paused_at !== null,
        ephemeral: runner.ephemeral === 1,
        server: publicUrl(),
      };
    },
  );

  scope.post(
    '/runner/v1/state',
    {
      config,
      schema: {
        ...schema('Say that this runner takes no more, has stopped, or is gone'),
        body: StateRequest,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await ci.runners.tell(registered(request), request.body);
      return reply.code(204).send(null);
    },
  );
}

/** Throws `invalid` for a runner that speaks another protocol, and says which of the two is to be brought up to date. */
export function checkProtocol(request: FastifyRequest): void {
  const text = String(request.headers[RUNNER_PROTOCOL_HEADER] ?? '');
  const spoken = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (spoken >= OLDEST_RUNNER_PROTOCOL && spoken <= RUNNER_PROTOCOL) return;
  const isOld = spoken < OLDEST_RUNNER_PROTOCOL;
  const understood =
    OLDEST_RUNNER_PROTOCOL === RUNNER_PROTOCOL
      ? `${RUNNER_PROTOCOL}`
      : `${OLDEST_RUNNER_PROTOCOL} to ${RUNNER_PROTOCOL}`;
  throw new SluiceError(
    'invalid',
    `This runner speaks version ${spoken} of the runner protocol, and this server (Sluice ${VERSION}) speaks ${understood}.`,
    {
      reason: isOld ? 'runner_outdated' : 'server_outdated',
      remedy: isOld
        ? `Bring the runner up to date: run the sluice command of version ${VERSION} on its machine.`
        : 'Bring the server up to date, or use a runner of its version.',
    },
  );
}

function registered({ runner }: FastifyRequest) {
  if (runner !== null) return runner;
  throw new SluiceError('invalid', 'The runner inside the server has nothing to say here.');
}
