import {
  listOf,
  PageQuery,
  SecondFactorCode,
  Session,
  SignedIn,
  SignIn,
  SignInOptions,
  Uuid,
} from '@sluice/contract';
import { Type } from 'typebox';
import type { App, HttpContext } from '../context.ts';
import { wholeList } from '../lists.ts';
import { requireSameOrigin } from '../same-origin.ts';
import { authoriseOwner, authoriseReader, browserOf } from '../self.ts';
import { clearCookie, readCookie } from '../session-cookie.ts';
import { createAnswerSignedIn } from '../signed-in.ts';
import { siteOf } from '../site.ts';
import { sessionJson, signedInJson } from '../views/session.ts';

const Path = Type.Object({ uuid: Uuid });
const Page = Type.Object(PageQuery);

/** Signing in to the control panel and out again, and the browsers that are signed in. */
export function registerSession(app: App, context: HttpContext): void {
  const { accounts, authorise, publicUrl } = context;
  const answerSignedIn = createAnswerSignedIn(context);

  app.get(
    '/iam/v3/sign-in-options/',
    {
      config: { public: true },
      schema: {
        summary: 'How one may sign in here',
        tags: ['iam'],
        response: { 200: SignInOptions },
      },
    },
    async (request) => ({
      first_run: !(await accounts.hasAdministrator()),
      passkeys: siteOf(request, publicUrl()).canHavePasskeys,
      oidc: accounts.oidc.isOn ? { name: accounts.oidc.name, url: '/auth/oidc/start' } : null,
    }),
  );

  app.post(
    '/iam/v3/session/',
    {
      config: { public: true },
      schema: {
        summary: 'Sign in a browser by password; the session is a cookie',
        tags: ['iam'],
        body: SignIn,
        response: { 200: Session },
      },
    },
    async (request, reply) => {
      const site = siteOf(request, publicUrl());
      requireSameOrigin(request, site);
      const { email, password, code = null } = request.body;
      const opened = await accounts.signIn.withPassword(
        { email, password, code },
        browserOf(request, site),
      );
      return answerSignedIn(request, reply, opened);
    },
  );

  app.post(
    '/iam/v3/session/second-factor/',
    {
      config: { public: true },
      schema: {
        summary: 'The code that a sign-in by OIDC still lacks',
        tags: ['iam'],
        body: SecondFactorCode,
        response: { 200: Session },
      },
    },
    async (request, reply) => {
      const site = siteOf(request, publicUrl());
      requireSameOrigin(request, site);
      const id = readCookie(request, 'second_factor', site);
      const browser = browserOf(request, site);
      const opened = await accounts.signIn.finishOidc(id, request.body.code, browser);
      clearCookie(reply, 'second_factor', site);
      return answerSignedIn(request, reply, opened);
    },
  );

  app.get(
    '/iam/v3/session/',
    {
      config: { action: 'self' },
      schema: { summary: 'Who is signed in', tags: ['iam'], response: { 200: Session } },
    },
    async (request) => {
      const identity = await authorise(request, 'self');
      const { tokenUuid } = identity;
      const token = tokenUuid === null ? null : await accounts.getToken(tokenUuid);
      const expiresAt = request.session?.expiresAt ?? token?.expiresAt ?? null;
      return sessionJson(accounts, identity, { expiresAt, url: publicUrl() });
    },
  );

  app.delete(
    '/iam/v3/session/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Sign this browser out',
        tags: ['iam'],
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { self } = await authoriseOwner(authorise, request);
      await accounts.sessions.end(self.sessionUuid, self.userUuid, self.email);
      clearCookie(reply, 'session', siteOf(request, publicUrl()));
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/iam/v3/sessions/',
    {
      config: { action: 'self' },
      schema: {
        summary: "List one's own browsers that are signed in",
        tags: ['iam'],
        querystring: Page,
        response: { 200: listOf(SignedIn) },
      },
    },
    async (request) => {
      const { userUuid } = await authoriseReader(authorise, request);
      const sessions = await accounts.sessions.list(userUuid);
      return wholeList(
        request,
        sessions.map((session) => signedInJson(session, request.session)),
      );
    },
  );

  app.delete(
    '/iam/v3/sessions/:uuid/',
    {
      config: { action: 'self' },
      schema: {
        summary: "Sign out one of one's own browsers, from its next request on",
        tags: ['iam'],
        params: Path,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { self } = await authoriseOwner(authorise, request);
      await accounts.sessions.end(request.params.uuid, self.userUuid, self.email);
      return reply.code(204).send(null);
    },
  );
}
