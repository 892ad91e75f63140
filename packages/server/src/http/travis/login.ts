import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App } from '../context.ts';
import { absoluteUrl } from '../lists.ts';
import type { TravisContext } from './context.ts';
import { BAD_TOKEN } from './errors.ts';

const Config = Type.Object({
  config: Type.Object({
    host: Type.String(),
    github: Type.Object({ api_url: Type.String(), scopes: Type.Array(Type.String()) }),
    pusher: Type.Object({ key: Type.String() }),
    notifications: Type.Array(Type.String()),
  }),
});

/** Logging in, and the token that one is logged in with. */
export function registerTravisLogin(app: App, context: TravisContext): void {
  const { accounts, authorise } = context;

  // The command asks for it before anything else, to see whether it can connect.
  app.head(
    '/',
    {
      config: { public: true },
      schema: { summary: 'Whether a server answers', tags: ['travis'], response: { 200: {} } },
    },
    async (_request, reply) => reply.code(200).send(),
  );

  app.get(
    '/config',
    {
      config: { public: true },
      schema: {
        summary: 'What the travis command must know of a server',
        tags: ['travis'],
        response: { 200: Config },
      },
    },
    async (request) => ({
      config: {
        host: absoluteUrl(request, '/').host,
        // Nobody is asked to log in anywhere else; the command wants an address all the same.
        github: { api_url: absoluteUrl(request, '/').origin, scopes: [] },
        pusher: { key: '' },
        notifications: [],
      },
    }),
  );

  app.post(
    '/auth/github',
    {
      config: { public: true },
      schema: {
        summary: 'Log in: an access token of this server stands for the GitHub token',
        tags: ['travis'],
        body: Type.Object({ github_token: Type.String() }),
        response: { 200: Type.Object({ access_token: Type.String() }) },
      },
    },
    async (request) => {
      const token = request.body.github_token;
      const credential = { kind: 'token', candidates: [token] } as const;
      const identity = await accounts.authenticate(credential, request.ip);
      if (identity === null || identity.jobId !== null) throw badToken();
      return { access_token: token };
    },
  );

  app.patch(
    '/access_token',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Put a new access token in the place of the one used',
        tags: ['travis'],
        response: { 200: Type.Object({ token: Type.String() }) },
      },
    },
    async (request) => {
      const { email, tokenUuid } = await authorise(request, 'self');
      const old = tokenUuid === null ? null : await accounts.getToken(tokenUuid);
      if (old === null) throw new SluiceError('not_found', 'Not found.');
      const { userUuid, name, scopes, expiresAt } = old;
      const made = await accounts.createToken({ userUuid, name, scopes, expiresAt }, email);
      await accounts.revokeToken(old.uuid, email);
      return { token: made.token };
    },
  );

  app.delete(
    '/access_token',
    {
      config: { action: 'self' },
      schema: { summary: 'Revoke the access token used', tags: ['travis'] },
    },
    async (request, reply) => {
      const { email, tokenUuid } = await authorise(request, 'self');
      if (tokenUuid !== null) await accounts.revokeToken(tokenUuid, email);
      return reply.code(204).send();
    },
  );
}

/** Reads "invalid access token" in the command. */
const badToken = (): SluiceError =>
  new SluiceError('unauthenticated', 'This is no access token of this server.', {
    reason: BAD_TOKEN,
    remedy: 'Make one with: sluice token create',
  });
