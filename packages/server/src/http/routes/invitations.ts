import {
  Invitation,
  InvitationCreate,
  InvitationCreated,
  LinkToken,
  LinkUse,
  LinkUsed,
  listOf,
  OpenLink,
  PageQuery,
  Uuid,
} from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { wholeList } from '../lists.ts';
import { linkJson } from '../views/people.ts';

const Path = Type.Object({ uuid: Uuid });
const InvitationPath = Type.Object({ uuid: Uuid, invitation: Uuid });
const Page = Type.Object(PageQuery);

/** Asking people in, and what the page behind their link needs. */
export function registerInvitations(app: App, context: HttpContext): void {
  const { accounts, authorise, publicUrl } = context;

  app.get(
    '/iam/v3/organisations/:uuid/invitations/',
    {
      config: { action: 'organisation:admin' },
      schema: {
        summary: 'List the invitations that were not accepted yet',
        tags: ['iam'],
        params: Path,
        querystring: Page,
        response: { 200: listOf(Invitation) },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      await authorise(request, 'organisation:admin', { organisationUuid: uuid });
      const now = new Date().toISOString();
      const invitations = await accounts.invitations.list(uuid);
      return wholeList(
        request,
        invitations.map((one) => ({
          ...{ uuid: one.uuid, user: one.userUuid, email: one.email, role: one.role },
          ...{ created_by: one.createdBy, created_at: one.createdAt, expires_at: one.expiresAt },
          expired: one.expiresAt <= now,
        })),
      );
    },
  );

  app.post(
    '/iam/v3/organisations/:uuid/invitations/',
    {
      config: { action: 'organisation:admin' },
      schema: {
        summary: 'Invite a person; the only answer that shows the link to hand over',
        tags: ['iam'],
        params: Path,
        body: InvitationCreate,
        response: { 201: InvitationCreated },
      },
    },
    async (request, reply) => {
      const { uuid: organisationUuid } = request.params;
      const { email, role, first_name: firstName = '', last_name: lastName = '' } = request.body;
      const identity = await authorise(request, 'organisation:admin', { organisationUuid });
      if ((await accounts.organisations.get(organisationUuid)) === null) {
        throw new SluiceError('not_found', 'Not found.');
      }
      // Only owners make owners.
      if (role === 'owner') await authorise(request, 'organisation:own', { organisationUuid });
      const made = await accounts.invitations.invite(
        { organisationUuid, email, role, firstName, lastName },
        identity.email,
      );
      reply.code(201);
      return {
        ...{ user: made.userUuid, email: made.email, role: made.role },
        link: made.link === null ? null : linkJson(made.link, publicUrl()),
      };
    },
  );

  app.delete(
    '/iam/v3/organisations/:uuid/invitations/:invitation/',
    {
      config: { action: 'organisation:admin' },
      schema: {
        summary: 'Withdraw an invitation that was not accepted',
        tags: ['iam'],
        params: InvitationPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { uuid: organisationUuid, invitation } = request.params;
      const identity = await authorise(request, 'organisation:admin', { organisationUuid });
      const open = await accounts.invitations.list(organisationUuid);
      if (open.find(({ uuid }) => uuid === invitation)?.role === 'owner') {
        await authorise(request, 'organisation:own', { organisationUuid });
      }
      await accounts.invitations.withdraw(organisationUuid, invitation, identity.email);
      return reply.code(204).send(null);
    },
  );

  // The secret comes in the body: an address ends up in logs and histories.
  app.post(
    '/iam/v3/invitations/open/',
    {
      config: { public: true },
      schema: {
        summary: 'What a link to choose a password is for; looking does not use it up',
        tags: ['iam'],
        body: LinkToken,
        response: { 200: OpenLink },
      },
    },
    async (request) => {
      const link = await accounts.links.look(request.body.token, request.ip);
      return {
        ...{ kind: link.kind, email: link.email, organisation: link.organisation },
        ...{ first_name: link.firstName, last_name: link.lastName, expires_at: link.expiresAt },
      };
    },
  );

  app.post(
    '/iam/v3/invitations/accept/',
    {
      config: { public: true },
      schema: {
        summary: 'Choose the password of the account that a link is for; uses the link up',
        tags: ['iam'],
        body: LinkUse,
        response: { 200: LinkUsed },
      },
    },
    async (request) => {
      const { token, password, first_name, last_name } = request.body;
      const email = await accounts.links.redeem(
        token,
        {
          password,
          ...(first_name === undefined ? {} : { firstName: first_name }),
          ...(last_name === undefined ? {} : { lastName: last_name }),
        },
        request.ip,
      );
      return { email };
    },
  );
}
