import {
  AccountLine,
  AccountLink,
  listOf,
  PageQuery,
  User,
  UserCreate,
  UserPatch,
  Uuid,
} from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { pageAnswer, pageOf } from '../lists.ts';
import { userJson } from '../views/iam.ts';
import { accountJson, linkJson } from '../views/people.ts';

const Path = Type.Object({ uuid: Uuid });
const Page = Type.Object({
  ...PageQuery,
  is_machine: Type.Optional(Type.Boolean()),
  /** Part of an email or a name. */
  text: Type.Optional(Type.String()),
});

/** The users of the installation. */
export function registerUsers(app: App, { accounts, authorise, publicUrl }: HttpContext): void {
  app.get(
    '/iam/v3/users/',
    {
      config: { action: 'user:manage' },
      schema: {
        summary: 'List the users of the installation',
        tags: ['iam'],
        querystring: Page,
        response: { 200: listOf(AccountLine) },
      },
    },
    async (request) => {
      await authorise(request, 'user:manage');
      const page = pageOf(request.query);
      const { is_machine, text } = request.query;
      const found = await accounts.people.accounts(
        {
          ...(is_machine === undefined ? {} : { isMachine: is_machine }),
          ...(text === undefined ? {} : { text }),
        },
        page,
      );
      return pageAnswer(request, page, found.count, found.accounts.map(accountJson));
    },
  );

  app.post(
    '/iam/v3/users/',
    {
      config: { action: 'user:manage' },
      schema: {
        summary: 'Create a user or a machine user',
        tags: ['iam'],
        body: UserCreate,
        response: { 201: User },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { email: actor } = await authorise(request, 'user:manage');
      if (body.organisation && (await accounts.organisations.get(body.organisation)) === null) {
        throw new SluiceError('invalid', 'There is no such organisation.', {
          fields: { organisation: ['There is no such organisation.'] },
        });
      }
      const membership = body.organisation
        ? { organisationUuid: body.organisation, role: body.role || 'collaborator' }
        : null;
      const person = {
        email: body.email,
        firstName: body.first_name ?? '',
        lastName: body.last_name ?? '',
        isAdmin: body.is_admin ?? false,
      };
      const user = body.is_machine
        ? await accounts.createMachineUser(person, membership, actor)
        : await accounts.createUser(
            { ...person, password: body.password || null },
            membership,
            actor,
          );
      reply.code(201);
      return userJson(user);
    },
  );

  app.patch(
    '/iam/v3/users/:uuid/',
    {
      config: { action: 'user:manage' },
      schema: {
        summary: 'Change or disable a user',
        tags: ['iam'],
        params: Path,
        body: UserPatch,
        response: { 200: User },
      },
    },
    async (request) => {
      const { email: actor } = await authorise(request, 'user:manage');
      const { first_name, last_name, password, is_admin, disabled } = request.body;
      const user = await accounts.users.update(
        request.params.uuid,
        {
          ...(first_name === undefined ? {} : { firstName: first_name }),
          ...(last_name === undefined ? {} : { lastName: last_name }),
          ...(password === undefined ? {} : { password }),
          ...(is_admin === undefined ? {} : { isAdmin: is_admin }),
          ...(disabled === undefined ? {} : { disabled }),
        },
        actor,
      );
      return userJson(user);
    },
  );

  app.delete(
    '/iam/v3/users/:uuid/',
    {
      config: { action: 'user:manage' },
      schema: {
        summary: 'Delete a machine user with its tokens',
        tags: ['iam'],
        params: Path,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { email: actor } = await authorise(request, 'user:manage');
      await accounts.users.removeMachine(request.params.uuid, actor);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/iam/v3/users/:uuid/password-link/',
    {
      config: { action: 'user:manage' },
      schema: {
        summary:
          'Make a link by which a person chooses a new password; the only answer that shows it',
        tags: ['iam'],
        params: Path,
        response: { 201: AccountLink },
      },
    },
    async (request, reply) => {
      const { email: actor } = await authorise(request, 'user:manage');
      const link = await accounts.links.make(request.params.uuid, actor);
      reply.code(201);
      return linkJson(link, publicUrl());
    },
  );

  app.delete(
    '/iam/v3/users/:uuid/two-factor/',
    {
      config: { action: 'user:manage' },
      schema: {
        summary: 'Turn off the second factor of a person who lost it, and sign them out',
        tags: ['iam'],
        params: Path,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { email: actor } = await authorise(request, 'user:manage');
      if ((await accounts.users.get(request.params.uuid)) === null) {
        throw new SluiceError('not_found', 'There is no such user.');
      }
      await accounts.twoFactor.disable(request.params.uuid, actor, null);
      return reply.code(204).send(null);
    },
  );
}
