import { Uuid } from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { RuntimeFailure } from '../../deploy/runtimes/runtime.ts';
import { SluiceError } from '../../errors.ts';
import { identify } from '../authentication.ts';
import type { App, HttpContext } from '../context.ts';
import type { OfEnvironment } from '../finders.ts';
import { converse } from './conversation.ts';

/** A longer message is a mistake: input comes in pieces. */
const LONGEST_MESSAGE_BYTES = 1024 * 1024;
const MOST_TOLD = 500;

/** A shell in what is live: the WebSocket that `sluice app exec` speaks. */
export async function registerShell(app: App, context: HttpContext): Promise<void> {
  const { accounts, authorise, find, pipeline, settings } = context;
  const { default: websocket } = await import('@fastify/websocket');
  await app.register(websocket, {
    options: { maxPayload: LONGEST_MESSAGE_BYTES, perMessageDeflate: false },
  });
  const found = new WeakMap<FastifyRequest, OfEnvironment>();

  /** It shows every variable, also those that can only be written. */
  const allow = async (request: FastifyRequest, uuid: string): Promise<void> => {
    const of = await find.environment(request, uuid, 'application:write');
    const { organisationUuid, uuid: applicationUuid, repositoryUuid } = of.application;
    const target = { organisationUuid, applicationUuid, repositoryUuid };
    await authorise(request, 'application:deploy', target);
    // A page of another site can open a connection with this one's cookie, and no header would tell.
    if (request.session !== null) {
      throw new SluiceError('forbidden', 'A shell is opened with an access token.', {
        remedy: 'Use sluice app exec.',
      });
    }
    found.set(request, of);
  };

  app.route({
    method: 'GET',
    url: '/apps/v3/environments/:uuid/shell/',
    config: { action: 'application:write' },
    schema: {
      summary: 'A shell or command in the surroundings of what is live, over a WebSocket',
      tags: ['apps'],
      params: Type.Object({ uuid: Uuid }),
      response: { 426: Type.Object({ detail: Type.String() }) },
    },
    preHandler: async (request) => allow(request, request.params.uuid),
    handler: async (_request, reply) => {
      reply.code(426).header('upgrade', 'websocket').header('connection', 'upgrade');
      return { detail: 'This is a WebSocket; sluice app exec speaks it.' };
    },
    wsHandler: (socket, request) => {
      const of = found.get(request);
      if (of === undefined) {
        socket.close(1008);
        return;
      }
      const { environment, identity } = of;
      const target = `environment:${environment.uuid}`;
      const done = converse({
        socket,
        limits: {
          totalMs: settings.shellSeconds * 1_000,
          idleMs: settings.shellIdleSeconds * 1_000,
        },
        isAllowed: async () => {
          request.identity = await identify(accounts, request, context.publicUrl());
          return allow(request, environment.uuid).then(
            () => true,
            (error: unknown) => {
              if (error instanceof SluiceError) return false;
              throw error;
            },
          );
        },
        open: async ({ command, terminal }) => {
          const words = command.join(' ').slice(0, MOST_TOLD);
          const details = { command: words, terminal: terminal !== null };
          await accounts.audit(null, {
            ...{ actor: identity.email, action: 'environment.shell', target, details },
          });
          return pipeline.openShell(environment.uuid, { email: identity.email, command, terminal });
        },
        explain: (error) => {
          if (error instanceof SluiceError) {
            return error.remedy === null ? error.message : `${error.message} ${error.remedy}`;
          }
          if (error instanceof RuntimeFailure) return error.message;
          request.log.error({ err: error }, 'a shell failed');
          return 'Something went wrong on the server; its log says more.';
        },
      });
      done.catch((error: unknown) => request.log.error({ err: error }, 'a shell was not ended'));
    },
  });
}
