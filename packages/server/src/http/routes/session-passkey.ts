import { PasskeyOptions, PasskeySignIn, Session } from '@sluice/contract';
import { Type } from 'typebox';
import type { App, HttpContext } from '../context.ts';
import { requireSameOrigin } from '../same-origin.ts';
import { browserOf } from '../self.ts';
import { createAnswerSignedIn } from '../signed-in.ts';
import { siteOf } from '../site.ts';
import { toAssertion } from '../views/passkey-answers.ts';

/** Signing in with a passkey, without a name: the authenticator knows whose it is. */
export function registerSessionPasskey(app: App, context: HttpContext): void {
  const { accounts, publicUrl } = context;
  const answerSignedIn = createAnswerSignedIn(context);

  app.post(
    '/iam/v3/session/passkey/options/',
    {
      config: { public: true },
      schema: {
        summary: 'A challenge to sign in with a passkey, as navigator.credentials.get takes it',
        tags: ['iam'],
        body: Type.Object({}),
        response: { 200: PasskeyOptions },
      },
    },
    async (request) => {
      const site = siteOf(request, publicUrl());
      requireSameOrigin(request, site);
      return { ...(await accounts.passkeys.signInOptions(site)) };
    },
  );

  app.post(
    '/iam/v3/session/passkey/',
    {
      config: { public: true },
      schema: {
        summary: 'Sign in a browser with a passkey',
        tags: ['iam'],
        body: PasskeySignIn,
        response: { 200: Session },
      },
    },
    async (request, reply) => {
      const site = siteOf(request, publicUrl());
      requireSameOrigin(request, site);
      const assertion = toAssertion(request.body.credential);
      const opened = await accounts.passkeys.signIn(site, assertion, browserOf(request, site));
      return answerSignedIn(request, reply, opened);
    },
  );
}
