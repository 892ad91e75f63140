import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { donePage, formPage, gonePage, PAGE_POLICY } from '../views/setup-page.ts';

const Path = Type.Object({ token: Type.String({ maxLength: 100 }) });
const Body = Type.Object({
  email: Type.Optional(Type.String()),
  first_name: Type.Optional(Type.String()),
  last_name: Type.Optional(Type.String()),
  password: Type.Optional(Type.String()),
});

/** The first administrator, made by whoever can read the server's console: a link that works once and expires. */
export function registerSetup(app: App, { accounts, publicUrl }: HttpContext): void {
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
