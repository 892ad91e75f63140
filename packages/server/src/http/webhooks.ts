import { WebhookReceipt } from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../errors.ts';
import type { App, HttpContext } from './context.ts';

const Path = Type.Object({
  provider: Type.String({ maxLength: 20 }),
  hook: Type.String({ maxLength: 64 }),
});

/**
 * The door for the hosts of outside repositories. Bodies reach the handler byte for byte, since signatures are made over
 * them; an address that is none is refused before its body is read.
 */
export function registerWebhooks(app: App, { git }: HttpContext): void {
  void app.register(async (scope: App) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
      done(null, body);
    });
    scope.post(
      '/webhooks/:provider/:hook/',
      {
        config: { public: true },
        schema: {
          summary: "A host's webhook; its signature is what opens this",
          tags: ['webhooks'],
          params: Path,
          response: { '2xx': WebhookReceipt, '4xx': WebhookReceipt },
        },
        onRequest: async (request) => {
          const { hook } = request.params as { hook: string };
          if (await git.webhooks.exists(hook)) return;
          throw new SluiceError('not_found', 'There is no such webhook address.', {
            remedy: 'Copy the address again from the settings of the application.',
          });
        },
      },
      async (request, reply) => {
        const { body, headers, params } = request;
        const receipt = await git.webhooks.receive({
          ...{ headers, provider: params.provider, hookUuid: params.hook },
          body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
        });
        const { detail, delivery, result } = receipt;
        return reply.code(receipt.status as 200).send({ detail, delivery, result });
      },
    );
  });
}
