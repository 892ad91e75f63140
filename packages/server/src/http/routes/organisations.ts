import {
  listOf,
  Member,
  MemberLine,
  Organisation,
  OrganisationCreate,
  PageQuery,
  Uuid,
} from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { wholeList } from '../lists.ts';
import { organisationJson } from '../views/iam.ts';
import { memberJson } from '../views/people.ts';

const Path = Type.Object({ uuid: Uuid });
const Page = Type.Object(PageQuery);

/** Organisations and who belongs to them. */
export function registerOrganisations(app: App, { accounts, authorise }: HttpContext): void {
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
        response: { 200: listOf(MemberLine) },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      await authorise(request, 'organisation:admin', { organisationUuid: uuid });
      const members = await accounts.people.members(uuid);
      return wholeList(
        request,
        members.map((member) => memberJson(uuid, member)),
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
