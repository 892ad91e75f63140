import { kindOf } from './kinds/index.ts';
import type { Records } from './records.ts';
import type { Credentials, ServiceInstance } from './types.ts';

/** What the services of an environment add to its releases. */
export interface Injected {
  readonly variables: Readonly<Record<string, string>>;
  /** Values that no log may show. */
  readonly secrets: readonly string[];
  readonly mounts: readonly Mount[];
}

/** A service's volume in everything that runs in the environment. */
export interface Mount {
  readonly serviceUuid: string;
  readonly path: string;
}

export async function injectedBy(records: Records, environmentUuid: string): Promise<Injected> {
  const instances = await records.list({ environmentUuids: [environmentUuid] });
  const known = await Promise.all(
    instances.map(async (instance) => ({
      instance,
      credentials: await records.credentials(instance.uuid),
    })),
  );
  return inject(known);
}

/** Pure. No two services of one environment give the same name: their kind and prefix are in it. */
export function inject(
  services: readonly {
    readonly instance: Pick<ServiceInstance, 'uuid' | 'kind' | 'prefix'>;
    readonly credentials: Credentials;
  }[],
): Injected {
  const variables: Record<string, string> = {};
  const secrets: string[] = [];
  const mounts: Mount[] = [];
  for (const { instance, credentials } of services) {
    const kind = kindOf(instance.kind);
    Object.assign(variables, kind.variables(instance.prefix, credentials));
    secrets.push(credentials.password);
    const path = kind.mountPath(instance.prefix);
    if (path !== null) mounts.push({ serviceUuid: instance.uuid, path });
  }
  return { variables, secrets, mounts };
}
