import type { Application } from '../apps.ts';
import type { ListOf } from '../common.ts';
import type {
  Repository,
  RepositoryCheck,
  RepositoryConnect,
  RepositoryCreate,
  RepositoryPatch,
  WebhookDelivery,
  WebhookMade,
  WebhookRequest,
} from '../repositories.ts';
import { type Send, segment } from './transport.ts';

/** A fetch that was asked for is answered within so many seconds, done or not. */
const FETCH_SECONDS = 30;

/** Where the code comes from: hosted or outside repositories, and what their hosts tell by webhook. */
export function createRepositoriesClient(send: Send) {
  const path = (uuid: string, rest = '') => `/apps/v3/repositories/${segment(uuid)}/${rest}`;
  const sources = {
    create: (body: RepositoryCreate) =>
      send<Repository>('POST', '/apps/v3/repositories/', { body }),
    get: (uuid: string) => send<Repository>('GET', path(uuid)),
    update: (uuid: string, body: RepositoryPatch) =>
      send<Repository>('PATCH', path(uuid), { body }),
    /** Turns an application's hosted repository into a mirror of an outside one. */
    connect: (application: string, body: RepositoryConnect) =>
      send<Repository>('POST', `/apps/v3/applications/${segment(application)}/repository/`, {
        body,
      }),
    /** Turns a mirror into a hosted repository that has what was fetched last. */
    disconnect: (application: string) =>
      send<Application>('DELETE', `/apps/v3/applications/${segment(application)}/repository/`),
    fetch: (uuid: string) =>
      send<RepositoryCheck>('POST', path(uuid, 'check/'), { waitSeconds: FETCH_SECONDS }),
    makeKey: (uuid: string, keyType: 'ED25519' | 'ECDSA' | 'RSA' = 'ED25519') =>
      send<Repository>('POST', path(uuid, 'key/'), { body: { key_type: keyType } }),
    acceptHostKey: (uuid: string, fingerprint: string) =>
      send<Repository>('POST', path(uuid, 'host-keys/accept/'), { body: { fingerprint } }),
    makeWebhook: (uuid: string, provider?: WebhookRequest['provider']) =>
      send<WebhookMade>('POST', path(uuid, 'webhook/'), {
        body: provider === undefined ? {} : { provider },
      }),
    removeWebhook: (uuid: string) => send<null>('DELETE', path(uuid, 'webhook/')),
    /** Newest first. With `delivery` that one alone, with its body. */
    deliveries: (uuid: string, filter: { delivery?: string; pageSize?: number } = {}) =>
      send<ListOf<WebhookDelivery>>('GET', path(uuid, 'deliveries/'), {
        query: { uuid: filter.delivery, page_size: filter.pageSize },
      }),
    redeliver: (uuid: string, delivery: string) =>
      send<WebhookDelivery>('POST', path(uuid, `deliveries/${segment(delivery)}/redeliver/`)),
  };
  return { sources };
}
