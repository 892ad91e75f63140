import {
  AccessToken,
  AccessTokenCreate,
  AccessTokenCreated,
  listOf,
  PageQuery,
  Uuid,
} from '@sluice/contract';
import { Type } from 'typebox';
import { type Identity, parseScope, type Scope, within } from '../../accounts/index.ts';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { wholeList } from '../lists.ts';
import { tokenJson } from '../views/iam.ts';

const Path = Type.Object({ uuid: Uuid });
const Page = Type.Object({
  ...PageQuery,
  /** Another user's, such as a machine user's; needs `user:manage`. */
  user: Type.Optional(Uuid),
});

/** One's own access tokens; administrators make and revoke those of others too. */
export function registerTokens(app: App, context: HttpContext): void {
  const { accounts, authorise } = context;
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
        summary: "List one's own access tokens, or for administrators somebody else's",
        tags: ['iam'],
        querystring: Page,
        response: { 200: listOf(AccessToken) },
      },
    },
    async (request) => {
      const identity = await authorise(request, 'token:manage');
      const { user = identity.userUuid } = request.query;
      if (user !== identity.userUuid) await authorise(request, 'user:manage');
      return wholeList(request, (await accounts.listTokens(user)).map(tokenJson));
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
      const scopes = await readScopes(context, identity, body.scopes ?? null);
      checkScopes(identity, scopes);
      const made = await accounts.createToken(
        {
          userUuid,
          name: body.name ?? '',
          scopes,
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

/** An application that the asker may not see is none to them. */
async function readScopes(
  { accounts, applications }: HttpContext,
  identity: Identity,
  scopes: readonly (Scope | string)[] | null,
): Promise<Scope[] | null> {
  const find = async (text: string): Promise<string | null> => {
    const application = await applications.find(text);
    if (application === null) return null;
    const { uuid: applicationUuid, organisationUuid } = application;
    const target = { applicationUuid, organisationUuid };
    return (await accounts.may(identity, 'application:read', target)) ? applicationUuid : null;
  };
  if (scopes === null) return null;
  return Promise.all(scopes.map((one) => (typeof one === 'string' ? parseScope(one, find) : one)));
}
