import type { ServiceInstance } from '@sluice/contract';

/** What people know a service by, and type to confirm: unique in its environment. */
export const serviceName = ({ identifier, prefix }: ServiceInstance): string =>
  `${identifier}-${prefix.toLowerCase()}`;
