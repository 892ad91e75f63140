import { AuditEntry, listOf, Me, PageQuery } from '@sluice/contract';

import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { pageAnswer, pageOf } from '../lists.ts';
import { meJson } from '../views/iam.ts';

const Page = Type.Object(PageQuery);

/** Oneself, and what was done by whom. */
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

  app.get(
    '/iam/v3/audit-log/',
    {
      config: { action: 'installation:admin' },
      schema: {
        summary: 'Who did what, newest first',
        tags: ['iam'],
        querystring: Page,
        response: { 200: listOf(AuditEntry) },
      },
    },
    async (request) => {
      await authorise(request, 'installation:admin');
      const page = pageOf(request.query);
      const { count, entries } = await accounts.listAudit(page);
      return pageAnswer(request, page, count, entries);
    },
  );
}
