import type {
  ServiceInstance as ServiceInstanceJson,
  Service as ServiceJson,
} from '@sluice/contract';
import { REGION } from '../../applications/index.ts';
import type { ServiceInstance, ServiceKind } from '../../services/index.ts';
import type { HttpContext } from '../context.ts';

export const serviceJson = (kind: ServiceKind): ServiceJson => ({
  uuid: kind.uuid,
  name: kind.title,
  type: kind.type,
  identifier: kind.name,
  description: kind.description,
});

/** `own`: names of the environment's variables, which win. */
export function serviceInstanceJson(
  { services }: Pick<HttpContext, 'services'>,
  instance: ServiceInstance,
  own: ReadonlySet<string>,
): ServiceInstanceJson {
  const { kind, variables, mountPath } = services.describe(instance);
  return {
    uuid: instance.uuid,
    environment: instance.environmentUuid,
    application: instance.applicationUuid,
    type: kind.type,
    prefix: instance.prefix,
    service_status: statusOf(instance),
    problem: instance.problem,
    region: REGION.uuid,
    service: kind.uuid,
    identifier: kind.name,
    name: kind.title,
    image: instance.image,
    variables: variables.map((name) => ({ name, is_overridden: own.has(name) })),
    mount_path: mountPath,
    created_by: instance.createdBy,
    created_at: instance.createdAt,
    ready_at: instance.readyAt,
    removed_at: instance.removedAt,
    kept_until: services.keptUntil(instance),
  };
}

function statusOf({ state, problem }: ServiceInstance): string {
  if (state === 'removed') return 'REMOVED';
  if (problem !== null) return 'UNREACHABLE';
  return state === 'ready' ? 'PROVISIONED' : 'PROVISIONING';
}
