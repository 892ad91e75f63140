import { Me, MePatch } from '@sluice/contract';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { authoriseReader } from '../self.ts';
import { meJson } from '../views/iam.ts';

/** Oneself. */
export function registerIam(app: App, context: HttpContext): void {
  const { accounts, authorise } = context;

  app.get(
    '/iam/v3/me/',
    {
      config: { action: 'self' },
      schema: { summary: 'Who the token belongs to', tags: ['iam'], response: { 200: Me } },
    },
    async (request) => {
      const identity = await authorise(request, 'self');
      const user = await accounts.users.get(identity.userUuid);
      if (user === null) throw new SluiceError('not_found', 'Not found.');
      return meJson(user);
    },
  );

  app.patch(
    '/iam/v3/me/',
    {
      config: { action: 'self' },
      schema: {
        summary: "Change one's own name",
        tags: ['iam'],
        body: MePatch,
        response: { 200: Me },
      },
    },
    async (request) => {
      const { userUuid, email } = await authoriseReader(authorise, request);
      const { first_name: firstName, last_name: lastName } = request.body;
      const user = await accounts.users.update(
        userUuid,
        {
          ...(firstName === undefined ? {} : { firstName }),
          ...(lastName === undefined ? {} : { lastName }),
        },
        email,
      );
      return meJson(user);
    },
  );
}
