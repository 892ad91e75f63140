import { Session, SetupRequest, SetupState } from '@sluice/contract';
import { Type } from 'typebox';
import type { App, HttpContext } from '../context.ts';
import { requireSameOrigin } from '../same-origin.ts';
import { browserOf } from '../self.ts';
import { createAnswerSignedIn } from '../signed-in.ts';
import { siteOf } from '../site.ts';

const Path = Type.Object({ token: Type.String({ maxLength: 100 }) });
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
}
