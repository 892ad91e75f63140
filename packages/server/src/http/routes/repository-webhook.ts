import {
  Filter,
  listOf,
  PageQuery,
  Uuid,
  WebhookDelivery,
  WebhookMade,
  WebhookRequest,
} from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import { guessProvider } from '../../git/index.ts';
import type { App, HttpContext } from '../context.ts';
import { filterOf, pageAnswer, pageOf } from '../lists.ts';
import { createRepositoryAccess } from '../repository-access.ts';
import { deliveryJson, webhookUrl } from '../views/repositories.ts';

const Path = Type.Object({ uuid: Uuid });
const DeliveryPath = Type.Object({ uuid: Uuid, delivery: Uuid });

/** The webhook of an outside repository, and what came by it. */
export function registerRepositoryWebhook(app: App, context: HttpContext): void {
  const { accounts, git } = context;
  const repositories = createRepositoryAccess(context);

  app.post(
    '/apps/v3/repositories/:uuid/webhook/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Make the address and secret of a webhook, or a new secret for it',
        tags: ['repositories'],
        params: Path,
        body: WebhookRequest,
        response: { 201: WebhookMade },
      },
    },
    async (request, reply) => {
      const { uuid } = request.params;
      const of = await repositories.find(request, uuid, 'application:write');
      if (of.repository.url === null) {
        throw new SluiceError('conflict', 'This repository is hosted here and needs no webhook.', {
          reason: 'hosted',
        });
      }
      const provider = request.body.provider ?? guessProvider(of.repository.url);
      const made = await git.webhooks.make(uuid, provider);
      await accounts.audit(null, {
        ...{ actor: of.identity.email, action: 'repository.webhook' },
        ...{ target: `repository:${uuid}`, details: { provider } },
      });
      reply.code(201);
      return { url: webhookUrl(context, provider, made.uuid), provider, secret: made.secret };
    },
  );

  app.delete(
    '/apps/v3/repositories/:uuid/webhook/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Close the address of the webhook',
        tags: ['repositories'],
        params: Path,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { uuid } = request.params;
      const { identity } = await repositories.find(request, uuid, 'application:write');
      await git.webhooks.remove(uuid);
      await accounts.audit(null, {
        ...{ actor: identity.email, action: 'repository.webhook_removed' },
        target: `repository:${uuid}`,
      });
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/apps/v3/repositories/:uuid/deliveries/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Deliveries of the webhook, newest first; with `uuid` that one, with its body',
        tags: ['repositories'],
        params: Path,
        querystring: Type.Object({ ...PageQuery, uuid: Filter }),
        response: { 200: listOf(WebhookDelivery) },
      },
    },
    async (request) => {
      const { params, query } = request;
      await repositories.find(request, params.uuid, 'application:write');
      const page = pageOf(query);
      const [wanted] = filterOf(query.uuid) ?? [];
      if (wanted !== undefined) {
        const found = await git.webhooks.delivery(params.uuid, wanted);
        return pageAnswer(request, page, 1, [deliveryJson(found, true)]);
      }
      const { count, deliveries } = await git.webhooks.deliveries(params.uuid, page);
      const results = deliveries.map((delivery) => deliveryJson(delivery, false));
      return pageAnswer(request, page, count, results);
    },
  );

  app.post(
    '/apps/v3/repositories/:uuid/deliveries/:delivery/redeliver/',
    {
      config: { action: 'application:deploy' },
      schema: {
        summary: 'Process a delivery once more',
        tags: ['repositories'],
        params: DeliveryPath,
        response: { 200: WebhookDelivery },
      },
    },
    async (request) => {
      const { uuid, delivery } = request.params;
      const { identity } = await repositories.find(request, uuid, 'application:deploy');
      const again = await git.webhooks.redeliver(uuid, delivery);
      await accounts.audit(null, {
        ...{ actor: identity.email, action: 'repository.redeliver' },
        ...{ target: `repository:${uuid}`, details: { delivery } },
      });
      return deliveryJson(again, true);
    },
  );
}
