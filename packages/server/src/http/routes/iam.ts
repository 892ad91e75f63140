import {
  AccessToken,
  AccessTokenCreate,
  AccessTokenCreated,
  AuditEntry,
  listOf,
  Me,
  Member,
  Organisation,
  OrganisationCreate,
  PageQuery,
  User,
  UserCreate,
  UserPatch,
  Uuid,
} from '@sluice/contract';
import { Type } from 'typebox';
import { type Identity, type Scope, within } from '../../accounts/index.ts';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { pageAnswer, pageOf, wholeList } from '../lists.ts';
import { meJson, organisationJson, tokenJson, userJson } from '../views/iam.ts';

const Path = Type.Object({ uuid: Uuid });
const Page = Type.Object(PageQuery);

/** Users, organisations and access tokens: `/iam/v3/...`. */
export function registerIam(app: App, context: HttpContext): void {
  const { accounts, authorise } = context;

  app.get(
    '/iam/v3/me/',
    {
      config: { action: 'self' },
      schema: { summary: 'Who the token belongs to', tags: ['iam'], response: { 200: Me } },
    },
    async (request) => {
      const identity = await authorise(request, 'self');
      const user = await accounts.users.get(identity.userUuid);
      if (user === null) throw new SluiceError('not_found', 'Not found.');
      return meJson(user);
    },
  );

  registerTokens(app, context);
  registerUsers(app, context);
  registerOrganisations(app, context);

  app.get(
    '/iam/v3/audit-log/',
    {
      config: { action: 'installation:admin' },
      schema: {
        summary: 'Who did what, newest first',
        tags: ['iam'],
        querystring: Page,
        response: { 200: listOf(AuditEntry) },
      },
    },
    async (request) => {
      await authorise(request, 'installation:admin');
      const page = pageOf(request.query);
      const { count, entries } = await accounts.listAudit(page);
      return pageAnswer(request, page, count, entries);
    },
  );
}

function registerTokens(app: App, { accounts, authorise }: HttpContext): void {
  /** A scoped token cannot make one that may do more than itself. */
  const checkScopes = (identity: Identity, scopes: readonly Scope[] | null) => {
    if (within(identity.scopes, scopes)) return;
    throw new SluiceError('invalid', 'These scopes exceed those of the token in use.', {
      fields: { scopes: ['They exceed the scopes of the token that you are using.'] },
    });
  };

  app.get(
    '/iam/v3/access-tokens/',
    {
      config: { action: 'token:manage' },
      schema: {
        summary: "List one's own access tokens",
        tags: ['iam'],
        querystring: Page,
        response: { 200: listOf(AccessToken) },
      },
    },
    async (request) => {
      const identity = await authorise(request, 'token:manage');
      return wholeList(request, (await accounts.listTokens(identity.userUuid)).map(tokenJson));
    },
  );

  app.post(
    '/iam/v3/access-tokens/',
    {
      config: { action: 'token:manage' },
      schema: {
        summary: 'Make an access token; the only answer that shows it',
        tags: ['iam'],
        body: AccessTokenCreate,
        response: { 201: AccessTokenCreated },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const identity = await authorise(request, 'token:manage');
      const userUuid = body.user || identity.userUuid;
      if (userUuid !== identity.userUuid) {
        await authorise(request, 'user:manage');
        if ((await accounts.users.get(userUuid)) === null) {
          throw new SluiceError('invalid', 'There is no such user.', {
            fields: { user: ['There is no such user.'] },
          });
        }
      }
      checkScopes(identity, body.scopes ?? null);
      const made = await accounts.createToken(
        {
          userUuid,
          name: body.name ?? '',
          scopes: body.scopes ?? null,
          expiresAt: body.expires_at || null,
        },
        identity.email,
      );
      reply.code(201);
      return { ...tokenJson(made.row), token: made.token };
    },
  );

  app.delete(
    '/iam/v3/access-tokens/:uuid/',
    {
      config: { action: 'token:manage' },
      schema: {
        summary: 'Revoke an access token, from the next request on',
        tags: ['iam'],
        params: Path,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const identity = await authorise(request, 'token:manage');
      const token = await accounts.getToken(request.params.uuid);
      const isOwn = token?.userUuid === identity.userUuid;
      if (!isOwn && !(await accounts.may(identity, 'user:manage'))) {
        throw new SluiceError('not_found', 'Not found.');
      }
      if (token === null) throw new SluiceError('not_found', 'Not found.');
      await accounts.revokeToken(token.uuid, identity.email);
      return reply.code(204).send(null);
    },
  );
}

function registerUsers(app: App, { accounts, authorise }: HttpContext): void {
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

function registerOrganisations(app: App, { accounts, authorise }: HttpContext): void {
  const MemberPath = Type.Object({ uuid: Uuid, user: Uuid });

  app.get(
    '/iam/v3/organisations/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'List the organisations that you can see',
        tags: ['iam'],
        querystring: Page,
        response: { 200: listOf(Organisation) },
      },
    },
    async (request) => {
      const identity = await authorise(request, 'self');
      const organisations = await accounts.organisations.visibleTo(identity);
      return wholeList(request, organisations.map(organisationJson));
    },
  );

  app.post(
    '/iam/v3/organisations/',
    {
      config: { action: 'installation:admin' },
      schema: {
        summary: 'Create an organisation, owned by you',
        tags: ['iam'],
        body: OrganisationCreate,
        response: { 201: Organisation },
      },
    },
    async (request, reply) => {
      const identity = await authorise(request, 'installation:admin');
      const { name, slug } = request.body;
      const organisation = await accounts.createOrganisation(
        { name, slug: slug || null, owner: identity.userUuid },
        identity.email,
      );
      reply.code(201);
      return organisationJson(organisation);
    },
  );

  app.get(
    '/iam/v3/organisations/:uuid/',
    {
      config: { action: 'organisation:read' },
      schema: {
        summary: 'One organisation',
        tags: ['iam'],
        params: Path,
        response: { 200: Organisation },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      await authorise(request, 'organisation:read', { organisationUuid: uuid });
      const organisation = await accounts.organisations.get(uuid);
      if (organisation === null) throw new SluiceError('not_found', 'Not found.');
      return organisationJson(organisation);
    },
  );

  app.get(
    '/iam/v3/organisations/:uuid/members/',
    {
      config: { action: 'organisation:admin' },
      schema: {
        summary: 'List the members of an organisation and their roles',
        tags: ['iam'],
        params: Path,
        querystring: Page,
        response: { 200: listOf(Member) },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      await authorise(request, 'organisation:admin', { organisationUuid: uuid });
      const members = await accounts.organisations.members(uuid);
      return wholeList(
        request,
        members.map(({ organisationUuid, userUuid, email, role }) => ({
          organisation: organisationUuid,
          user: userUuid,
          email,
          role,
        })),
      );
    },
  );

  app.post(
    '/iam/v3/organisations/:uuid/members/',
    {
      config: { action: 'organisation:admin' },
      schema: {
        summary: 'Add a member or change the role of one',
        tags: ['iam'],
        params: Path,
        body: Type.Object({ user: Uuid, role: Type.String() }),
        response: { 201: Member },
      },
    },
    async (request, reply) => {
      const { uuid: organisationUuid } = request.params;
      const { user: userUuid, role } = request.body;
      const identity = await authorise(request, 'organisation:admin', { organisationUuid });
      if ((await accounts.organisations.get(organisationUuid)) === null) {
        throw new SluiceError('not_found', 'Not found.');
      }
      // Only owners make and unmake owners.
      const members = await accounts.organisations.members(organisationUuid);
      const before = members.find((member) => member.userUuid === userUuid);
      if (role === 'owner' || before?.role === 'owner') {
        await authorise(request, 'organisation:own', { organisationUuid });
      }
      await accounts.addMember({ organisationUuid, userUuid, role }, identity.email);
      const user = await accounts.users.get(userUuid);
      reply.code(201);
      return { organisation: organisationUuid, user: userUuid, email: user?.email ?? '', role };
    },
  );

  app.delete(
    '/iam/v3/organisations/:uuid/members/:user/',
    {
      config: { action: 'organisation:admin' },
      schema: {
        summary: 'Remove a member',
        tags: ['iam'],
        params: MemberPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { uuid: organisationUuid, user: userUuid } = request.params;
      const identity = await authorise(request, 'organisation:admin', { organisationUuid });
      const members = await accounts.organisations.members(organisationUuid);
      if (members.find((member) => member.userUuid === userUuid)?.role === 'owner') {
        await authorise(request, 'organisation:own', { organisationUuid });
      }
      await accounts.organisations.removeMember(organisationUuid, userUuid, identity.email);
      return reply.code(204).send(null);
    },
  );
}
