import { post, readHttpTarget } from './http.ts';
import type { Send } from './outbox.ts';
import type { Signer } from './signer.ts';

/**
 * Webhooks in the form that Travis gave them: the form field `payload`. Signed twice over the payload's text: `Signature`
 * as receivers written for Travis check it (RSA with SHA-1), `Sluice-Signature` with SHA-256.
 */
export function createWebhookSender(signer: Signer): Send {
  return async ({ id, to, payload, signal }) => {
    const target = readHttpTarget(to);
    if (target === null) return { dropped: 'The address is no http or https URL.' };
    const text = JSON.stringify(payload);
    const { owner_name: owner, name } = payload.repository;
    await post(target, {
      body: new URLSearchParams({ payload: text }).toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'travis-repo-slug': `${owner}/${name}`,
        signature: await signer.sign('sha1', text),
        'sluice-signature': `sha256=${await signer.sign('sha256', text)}`,
        'sluice-delivery': String(id),
      },
      signal,
    });
    return 'sent';
  };
}
