import { Passkey, PasskeyCreate, PasskeyOptions, PasskeyPatch, Uuid } from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { authoriseFreshOwner, authoriseOwner } from '../self.ts';
import { siteOf } from '../site.ts';
import { toRegistration } from '../views/passkey-answers.ts';
import { passkeyJson } from '../views/session.ts';

const Path = Type.Object({ uuid: Uuid });

/** One's own passkeys. */
export function registerSecurityPasskeys(app: App, context: HttpContext): void {
  const { accounts, authorise, publicUrl } = context;

  app.post(
    '/iam/v3/me/passkeys/options/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'What navigator.credentials.create takes to make a passkey',
        tags: ['iam'],
        body: Type.Object({}),
        response: { 200: PasskeyOptions },
      },
    },
    async (request) => {
      const self = await authoriseFreshOwner(accounts, authorise, request);
      const site = siteOf(request, publicUrl());
      if (!site.canHavePasskeys) {
        throw new SluiceError('conflict', `Browsers allow no passkeys on ${site.origin}.`, {
          reason: 'passkeys_impossible',
          remedy: 'Open the panel over https and by its name.',
        });
      }
      return { ...(await accounts.passkeys.registrationOptions(self, site)) };
    },
  );

  app.post(
    '/iam/v3/me/passkeys/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Add the passkey that the browser made',
        tags: ['iam'],
        body: PasskeyCreate,
        response: { 201: Passkey },
      },
    },
    async (request, reply) => {
      const self = await authoriseFreshOwner(accounts, authorise, request);
      const { name, credential } = request.body;
      const site = siteOf(request, publicUrl());
      const made = await accounts.passkeys.register(self, site, name, toRegistration(credential));
      reply.code(201);
      return passkeyJson(made);
    },
  );

  app.patch(
    '/iam/v3/me/passkeys/:uuid/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Name a passkey',
        tags: ['iam'],
        params: Path,
        body: PasskeyPatch,
        response: { 200: Passkey },
      },
    },
    async (request) => {
      const { self } = await authoriseOwner(authorise, request);
      return passkeyJson(
        await accounts.passkeys.rename(self, request.params.uuid, request.body.name),
      );
    },
  );

  app.delete(
    '/iam/v3/me/passkeys/:uuid/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Remove a passkey',
        tags: ['iam'],
        params: Path,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const self = await authoriseFreshOwner(accounts, authorise, request);
      await accounts.passkeys.remove(self, request.params.uuid);
      return reply.code(204).send(null);
    },
  );
}
