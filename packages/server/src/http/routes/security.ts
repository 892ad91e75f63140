import {
  PasswordChange,
  RecoveryCodes,
  SecondFactorCode,
  Security,
  TwoFactorBegun,
} from '@sluice/contract';
import { Type } from 'typebox';
import type { App, HttpContext } from '../context.ts';
import { authoriseFreshOwner, authoriseOwner, authoriseReader } from '../self.ts';
import { siteOf } from '../site.ts';
import { passkeyJson } from '../views/session.ts';

const None = Type.Object({});

/** What opens one's own account: the password and the second factor. Passkeys have a file of their own. */
export function registerSecurity(app: App, { accounts, authorise, publicUrl }: HttpContext): void {
  app.get(
    '/iam/v3/me/security/',
    {
      config: { action: 'self' },
      schema: {
        summary: "What opens one's own account",
        tags: ['iam'],
        response: { 200: Security },
      },
    },
    async (request) => {
      const { userUuid } = await authoriseReader(authorise, request);
      return {
        two_factor: {
          enabled: await accounts.twoFactor.isEnabled(userUuid),
          recovery_codes_left: await accounts.twoFactor.codesLeft(userUuid),
        },
        passkeys_possible: siteOf(request, publicUrl()).canHavePasskeys,
        passkeys: (await accounts.passkeys.list(userUuid)).map(passkeyJson),
        has_password: await accounts.password.has(userUuid),
      };
    },
  );

  app.post(
    '/iam/v3/me/password/',
    {
      config: { action: 'self' },
      schema: {
        summary: "Change one's own password; other browsers are signed out",
        tags: ['iam'],
        body: PasswordChange,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { current = '', password, revoke_tokens: revokeTokens = false } = request.body;
      const { self } = await authoriseOwner(authorise, request);
      // Where there is no password to ask for, a sign-in of late has to do.
      if (!(await accounts.password.has(self.userUuid))) {
        await authoriseFreshOwner(accounts, authorise, request);
      }
      await accounts.password.change(self, { current, password, revokeTokens }, request.ip);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/iam/v3/me/two-factor/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Begin to set up an authenticator app: a secret, in force once confirmed',
        tags: ['iam'],
        body: None,
        response: { 200: TwoFactorBegun },
      },
    },
    async (request) => {
      const self = await authoriseFreshOwner(accounts, authorise, request);
      const { host } = siteOf(request, publicUrl());
      return accounts.twoFactor.begin(self, `Sluice ${host}`);
    },
  );

  app.post(
    '/iam/v3/me/two-factor/confirm/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Turn two-factor sign-in on with a code of the app; answers recovery codes, once',
        tags: ['iam'],
        body: SecondFactorCode,
        response: { 200: RecoveryCodes },
      },
    },
    async (request) => {
      const self = await authoriseFreshOwner(accounts, authorise, request);
      return { codes: await accounts.twoFactor.confirm(self, request.body.code) };
    },
  );

  app.post(
    '/iam/v3/me/two-factor/recovery-codes/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'New recovery codes in the place of the old ones',
        tags: ['iam'],
        body: None,
        response: { 200: RecoveryCodes },
      },
    },
    async (request) => {
      const self = await authoriseFreshOwner(accounts, authorise, request);
      return { codes: await accounts.twoFactor.renewCodes(self) };
    },
  );

  app.delete(
    '/iam/v3/me/two-factor/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Turn two-factor sign-in off; other browsers are signed out',
        tags: ['iam'],
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const self = await authoriseFreshOwner(accounts, authorise, request);
      await accounts.twoFactor.disable(self.userUuid, self.email, self.sessionUuid);
      return reply.code(204).send(null);
    },
  );
}
