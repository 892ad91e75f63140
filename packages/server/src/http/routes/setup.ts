import { Session, SetupRequest, SetupState } from '@sluice/contract';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { requireSameOrigin } from '../same-origin.ts';
import { browserOf } from '../self.ts';
import { createAnswerSignedIn } from '../signed-in.ts';
import { siteOf } from '../site.ts';
import { donePage, formPage, gonePage, PAGE_POLICY } from '../views/setup-page.ts';

const Path = Type.Object({ token: Type.String({ maxLength: 100 }) });
const Body = Type.Object({
  email: Type.Optional(Type.String()),
  first_name: Type.Optional(Type.String()),
  last_name: Type.Optional(Type.String()),
  password: Type.Optional(Type.String()),
});

/** The first administrator, made by whoever can read the server's console: a link that works once and expires. */
export function registerSetup(app: App, context: HttpContext): void {
  const { accounts, publicUrl } = context;
  const answerSignedIn = createAnswerSignedIn(context);

  app.get(
    '/iam/v3/setup/:token/',
    {
      config: { public: true },
      schema: {
        summary: 'Whether a set-up link still works',
        tags: ['iam'],
        params: Path,
        response: { 200: SetupState },
      },
    },
    async (request) => ({ open: await accounts.isSetupLinkOpen(request.params.token) }),
  );

  app.post(
    '/iam/v3/setup/:token/',
    {
      config: { public: true },
      schema: {
        summary: 'Make the first administrator and sign them in',
        tags: ['iam'],
        params: Path,
        body: SetupRequest,
        response: { 201: Session },
      },
    },
    async (request, reply) => {
      const site = siteOf(request, publicUrl());
      requireSameOrigin(request, site);
      const { email, password, first_name = '', last_name = '' } = request.body;
      const user = await accounts.redeemSetupLink(request.params.token, {
        ...{ email, password, firstName: first_name, lastName: last_name },
      });
      const browser = browserOf(request, site);
      const opened = await accounts.signIn.withPassword({ ...user, password, code: null }, browser);
      reply.code(201);
      return answerSignedIn(request, reply, opened);
    },
  );

  const page = (reply: FastifyReply, status: number, html: string) =>
    reply
      .code(status)
      .header('content-security-policy', PAGE_POLICY)
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(html);

  app.get(
    '/setup/:token',
    {
      config: { public: true },
      schema: { summary: 'Form for the first administrator', hide: true, params: Path },
    },
    async (request, reply) =>
      (await accounts.isSetupLinkOpen(request.params.token))
        ? page(reply, 200, formPage({}, []))
        : page(reply, 404, gonePage()),
  );

  app.post(
    '/setup/:token',
    {
      config: { public: true },
      schema: { summary: 'Make the first administrator', hide: true, params: Path, body: Body },
    },
    async (request, reply) => {
      const { email = '', first_name = '', last_name = '', password = '' } = request.body;
      try {
        const user = await accounts.redeemSetupLink(request.params.token, {
          email,
          password,
          firstName: first_name,
          lastName: last_name,
        });
        const name = 'first token, from the setup page';
        const { token } = await accounts.createToken({ userUuid: user.uuid, name }, user.email);
        return page(reply, 201, donePage({ email: user.email, token, url: publicUrl() }));
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error;
        if (error.code === 'not_found') return page(reply, 404, gonePage());
        if (error.fields === null) throw error;
        const complaints = Object.values(error.fields).flat();
        return page(reply, 400, formPage({ email, first_name, last_name }, complaints));
      }
    },
  );
}
