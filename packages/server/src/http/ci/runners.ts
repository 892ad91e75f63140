import {
  listOf,
  RunnerTokenCreate,
  RunnerTokenCreated,
  RunnerTokenView,
  RunnerView,
  Uuid,
} from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { wholeList } from '../lists.ts';

const Path = Type.Object({ uuid: Uuid });
const config = { action: 'installation:admin' } as const;
const tags = ['ci'];

/** Runners on other machines and the tokens that let them in; for administrators of the installation. */
export function registerRunners(
  app: App,
  { accounts, authorise, ci }: Pick<HttpContext, 'accounts' | 'authorise' | 'ci'>,
): void {
  app.get(
    '/ci/v3/runners/',
    {
      config,
      schema: {
        summary: 'The runners: what they are, whether they are there, what they work on',
        tags,
        response: { 200: listOf(RunnerView) },
      },
    },
    async (request) => {
      await authorise(request, 'installation:admin');
      return wholeList(request, await ci.runners.list());
    },
  );

  for (const verb of ['pause', 'resume'] as const) {
    app.post(
      `/ci/v3/runners/:uuid/${verb}/`,
      {
        config,
        schema: {
          summary:
            verb === 'pause'
              ? 'Give a runner no more jobs; those that it has go on'
              : 'Give a runner jobs again',
          tags,
          params: Path,
          response: { 200: RunnerView },
        },
      },
      async (request) => {
        const { email } = await authorise(request, 'installation:admin');
        refuseEmbedded(request.params.uuid);
        return ci.runners[verb](request.params.uuid, email);
      },
    );
  }

  app.delete(
    '/ci/v3/runners/:uuid/',
    {
      config,
      schema: {
        summary: 'Remove a runner: its token is void at once, its jobs go back to the queue',
        tags,
        params: Path,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { email } = await authorise(request, 'installation:admin');
      refuseEmbedded(request.params.uuid);
      await ci.runners.remove(request.params.uuid, email);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/ci/v3/runner-tokens/',
    {
      config,
      schema: {
        summary: 'The tokens by which runners register',
        tags,
        response: { 200: listOf(RunnerTokenView) },
      },
    },
    async (request) => {
      await authorise(request, 'installation:admin');
      return wholeList(request, await ci.runnerTokens.list());
    },
  );

  app.post(
    '/ci/v3/runner-tokens/',
    {
      config,
      schema: {
        summary: 'Make a token by which a runner registers; the only answer that shows it',
        tags,
        body: RunnerTokenCreate,
        response: { 201: RunnerTokenCreated },
      },
    },
    async (request, reply) => {
      const { email } = await authorise(request, 'installation:admin');
      const { organisation = null } = request.body;
      if (organisation !== null && (await accounts.organisations.get(organisation)) === null) {
        throw new SluiceError('invalid', 'There is no such organisation.', {
          fields: { organisation: ['There is no such organisation.'] },
        });
      }
      return reply.code(201).send(await ci.runnerTokens.create(request.body, email));
    },
  );

  app.delete(
    '/ci/v3/runner-tokens/:uuid/',
    {
      config,
      schema: {
        summary: 'Revoke a registration token; runners that came with it stay',
        tags,
        params: Path,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { email } = await authorise(request, 'installation:admin');
      await ci.runnerTokens.revoke(request.params.uuid, email);
      return reply.code(204).send(null);
    },
  );
}

function refuseEmbedded(uuid: string): void {
  if (uuid !== 'embedded') return;
  throw new SluiceError('conflict', 'The runner inside the server is ruled by its settings.', {
    reason: 'embedded_runner',
    remedy: 'Start the server with --runner-concurrency 0 to run no jobs in it.',
  });
}
