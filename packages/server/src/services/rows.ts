import type { ServiceInstanceRow } from '../store/schema/services.ts';
import type { ServiceInstance } from './types.ts';

export const toInstance = (row: ServiceInstanceRow): ServiceInstance => ({
  uuid: row.uuid,
  applicationUuid: row.application_uuid,
  environmentUuid: row.environment_uuid,
  kind: row.kind,
  prefix: row.prefix,
  state: row.state,
  problem: row.problem,
  image: row.image,
  createdBy: row.created_by,
  createdAt: row.created_at,
  readyAt: row.ready_at,
  removedBy: row.removed_by,
  removedAt: row.removed_at,
});

/** Only one that is not removed may have it. */
export const placeOf = (
  row: Pick<ServiceInstanceRow, 'environment_uuid' | 'kind' | 'prefix'>,
): string => `${row.environment_uuid}:${row.kind}:${row.prefix}`;
