import { listOf, PageQuery, User, UserCreate, UserPatch, Uuid } from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { pageAnswer, pageOf } from '../lists.ts';
import { userJson } from '../views/iam.ts';

const Path = Type.Object({ uuid: Uuid });
const Page = Type.Object(PageQuery);

/** The users of the installation. */
export function registerUsers(app: App, { accounts, authorise }: HttpContext): void {
  app.get(
    '/iam/v3/users/',
    {
      config: { action: 'user:manage' },
      schema: {
        summary: 'List the users of the installation',
        tags: ['iam'],
        querystring: Page,
        response: { 200: listOf(User) },
      },
    },
    async (request) => {
      await authorise(request, 'user:manage');
      const page = pageOf(request.query);
      const { count, users } = await accounts.users.list(page);
      return pageAnswer(request, page, count, users.map(userJson));
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
}
