import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { browserOf } from '../self.ts';
import { clearCookie, readCookie, setCookie } from '../session-cookie.ts';
import { type BrowserSite, siteOf } from '../site.ts';

const CALLBACK = '/auth/oidc/callback';

/**
 * Signing in at an OIDC provider. These two are pages that a browser goes to, not calls of the API: they answer with a
 * redirect, after a failure to the sign-in page, which finds the reason in its address.
 */
export function registerOidc(app: App, { accounts, publicUrl }: HttpContext): void {
  const toSignIn = (reply: FastifyReply, query: Readonly<Record<string, string>>) =>
    reply.redirect(`/sign-in?${new URLSearchParams(query).toString()}`);

  const refuse = (reply: FastifyReply, error: unknown) => {
    if (!(error instanceof SluiceError) || error.reason === null) throw error;
    reply.log.warn({ err: error }, 'sign-in by OIDC failed');
    return toSignIn(reply, { error: error.reason });
  };

  app.get(
    '/auth/oidc/start',
    {
      config: { public: true },
      schema: {
        summary: 'Begin to sign in at the OIDC provider',
        hide: true,
        querystring: Type.Object({ next: Type.Optional(Type.String({ maxLength: 2_000 })) }),
      },
    },
    async (request, reply) => {
      const site = siteOf(request, publicUrl());
      try {
        const to = ownPath(request.query.next ?? '/', site);
        const { id, url } = await accounts.oidc.start(`${site.origin}${CALLBACK}`, to);
        setCookie(reply, 'round_trip', id, site);
        return reply.redirect(url);
      } catch (error) {
        return refuse(reply, error);
      }
    },
  );

  app.get(
    CALLBACK,
    {
      config: { public: true },
      schema: { summary: 'Where the OIDC provider sends the browser back to', hide: true },
    },
    async (request, reply) => {
      const site = siteOf(request, publicUrl());
      const id = readCookie(request, 'round_trip', site);
      clearCookie(reply, 'round_trip', site);
      try {
        const query = request.url.slice(request.url.indexOf('?'));
        const { user, to } = await accounts.oidc.finish(id, query);
        const opened = await accounts.signIn.withOidc(user, browserOf(request, site));
        if (typeof opened === 'string') {
          setCookie(reply, 'second_factor', opened, site);
          return toSignIn(reply, { second_factor: 'oidc', next: to });
        }
        setCookie(reply, 'session', opened.token, site);
        return reply.redirect(to);
      } catch (error) {
        return refuse(reply, error);
      }
    },
  );
}

/** Where to go afterwards: a path of the panel. An address elsewhere would make this a door to any site. */
export function ownPath(to: string, site: Pick<BrowserSite, 'origin'>): string {
  if (!to.startsWith('/') || !URL.canParse(to, site.origin)) return '/';
  const url = new URL(to, site.origin);
  return url.origin === site.origin ? `${url.pathname}${url.search}${url.hash}` : '/';
}
