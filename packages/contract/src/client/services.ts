import type { ListOf } from '../common.ts';
import type {
  Service,
  ServiceInstance,
  ServiceInstanceCreate,
  ServiceInstanceRestore,
  ServiceInstanceValues,
} from '../services.ts';
import { type Send, segment } from './transport.ts';

/** Databases, caches and storage behind environments. */
export function createServicesClient(send: Send) {
  const path = '/apps/v3/service-instances/';
  const one = (uuid: string) => `${path}${segment(uuid)}/`;
  return {
    services: {
      list: () => send<ListOf<Service>>('GET', '/apps/v3/services/'),
    },
    serviceInstances: {
      list: (filter: { environment?: string; application?: string; removed?: boolean }) =>
        send<ListOf<ServiceInstance>>('GET', path, { query: { ...filter } }),
      get: (uuid: string) => send<ServiceInstance>('GET', one(uuid)),
      create: (body: ServiceInstanceCreate) => send<ServiceInstance>('POST', path, { body }),
      remove: (uuid: string) => send<ServiceInstance>('DELETE', one(uuid)),
      restore: (uuid: string, body: ServiceInstanceRestore) =>
        send<ServiceInstance>('POST', `${one(uuid)}restore/`, { body }),
      reveal: (uuid: string) => send<ServiceInstanceValues>('POST', `${one(uuid)}reveal/`),
    },
  };
}
