import { TravisAccount, TravisPermissions, TravisUser } from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App } from '../context.ts';
import type { TravisContext } from './context.ts';
import { numberOf } from './numbers.ts';
import { userShape } from './shapes.ts';

const User = Type.Object({ user: TravisUser });

/** Who is logged in, what they may do, and whom their repositories belong to. */
export function registerTravisUsers(app: App, context: TravisContext): void {
  const { access, accounts, authorise } = context;

  const me = async (request: FastifyRequest) => {
    const { userUuid } = await authorise(request, 'self');
    const user = await accounts.users.get(userUuid);
    if (user === null) throw new SluiceError('not_found', 'Not found.');
    return user;
  };

  app.get(
    '/users/',
    {
      config: { action: 'self' },
      schema: { summary: 'Who is logged in', tags: ['travis'], response: { 200: User } },
    },
    async (request) => ({ user: userShape(await me(request)) }),
  );

  app.get(
    '/users/:id(^\\d+$)',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Who is logged in, by their own number',
        tags: ['travis'],
        params: Type.Object({ id: Type.Integer() }),
        response: { 200: User },
      },
    },
    async (request) => {
      const user = await me(request);
      if (numberOf(user.uuid) !== request.params.id) {
        throw new SluiceError('not_found', 'Not found.');
      }
      return { user: userShape(user) };
    },
  );

  app.get(
    '/users/permissions',
    {
      config: { action: 'self' },
      schema: {
        summary: 'What one may do with which repositories',
        tags: ['travis'],
        response: { 200: TravisPermissions },
      },
    },
    async (request) => {
      await authorise(request, 'self');
      const permissions = {
        permissions: [] as number[],
        admin: [] as number[],
        push: [] as number[],
        pull: [] as number[],
      };
      for (const repository of await access.visible(request)) {
        permissions.permissions.push(repository.id);
        permissions.pull.push(repository.id);
        if (await access.may(request, 'repository:push', repository)) {
          permissions.push.push(repository.id);
        }
        if (await access.may(request, 'build:write', repository)) {
          permissions.admin.push(repository.id);
        }
      }
      return permissions;
    },
  );

  app.post(
    '/users/sync',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Nothing needs to be fetched from elsewhere: it is done',
        tags: ['travis'],
        response: { 200: Type.Object({ result: Type.Boolean() }) },
      },
    },
    async (request) => {
      await authorise(request, 'self');
      return { result: true };
    },
  );

  const accountsOf = async (request: FastifyRequest): Promise<TravisAccount[]> => {
    const identity = await authorise(request, 'self');
    const user = userShape(await me(request));
    const repositories = await access.visible(request);
    const organisations = await accounts.organisations.visibleTo(identity);
    return [
      {
        ...{ id: user.id, name: user.name, login: user.login, type: 'user' },
        ...{ repos_count: 0, subscribed: true, education: false },
      },
      ...organisations.map(
        ({ uuid, name, slug }): TravisAccount => ({
          ...{ id: numberOf(uuid), name, login: slug, type: 'organization' },
          repos_count: repositories.filter((one) => one.organisationUuid === uuid).length,
          ...{ subscribed: true, education: false },
        }),
      ),
    ];
  };

  app.get(
    '/accounts/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'The user and their organisations',
        tags: ['travis'],
        response: { 200: Type.Object({ accounts: Type.Array(TravisAccount) }) },
      },
    },
    async (request) => ({ accounts: await accountsOf(request) }),
  );

  app.get(
    '/accounts/:login',
    {
      config: { action: 'self' },
      schema: {
        summary: 'One of them',
        tags: ['travis'],
        params: Type.Object({ login: Type.String() }),
        response: { 200: Type.Object({ account: TravisAccount }) },
      },
    },
    async (request) => {
      const all = await accountsOf(request);
      const account = all.find(({ login }) => login === request.params.login);
      if (account === undefined) throw new SluiceError('not_found', 'Not found.');
      return { account };
    },
  );
}
