import { TravisHook } from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { App } from '../context.ts';
import { readFlag } from './bodies.ts';
import type { TravisContext } from './context.ts';
import { hookShape } from './shapes.ts';

const Flag = Type.Union([Type.Boolean(), Type.String()]);
const Done = { 200: Type.Object({ result: Type.Boolean() }) };

/** The switch that turns a repository's CI on and off: what is a web hook elsewhere. */
export function registerTravisHooks(app: App, context: TravisContext): void {
  const { access, authorise, git, store } = context;

  app.get(
    '/hooks/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Repositories, with whether their pushes are built',
        tags: ['travis'],
        response: { 200: Type.Object({ hooks: Type.Array(TravisHook) }) },
      },
    },
    async (request) => {
      await authorise(request, 'self');
      const hooks: TravisHook[] = [];
      for (const repository of await access.visible(request)) {
        const isAdmin = await access.may(request, 'build:write', repository);
        hooks.push(hookShape(repository, isAdmin));
      }
      return { hooks };
    },
  );

  const turn = async (request: FastifyRequest, id: number, active: boolean | string) => {
    const { repository } = await access.repository(request, id, 'build:write');
    const ciEnabled = readFlag('active', active);
    await store.transaction((trx) => git.update(trx, repository.uuid, { ciEnabled }));
    return { result: true };
  };

  app.put(
    '/hooks/',
    {
      config: { action: 'build:write' },
      schema: {
        summary: 'Turn CI on or off',
        tags: ['travis'],
        body: Type.Object({
          hook: Type.Object({
            id: Type.Union([Type.Integer(), Type.String({ pattern: '^\\d{1,15}$' })]),
            active: Flag,
          }),
        }),
        response: Done,
      },
    },
    async (request) => {
      const { id, active } = request.body.hook;
      return turn(request, Number(id), active);
    },
  );

  app.put(
    '/hooks/:id(^\\d+$)',
    {
      config: { action: 'build:write' },
      schema: {
        summary: 'Turn CI on or off',
        tags: ['travis'],
        params: Type.Object({ id: Type.Integer() }),
        body: Type.Object({ hook: Type.Object({ active: Flag }) }),
        response: Done,
      },
    },
    async (request) => turn(request, request.params.id, request.body.hook.active),
  );
}
