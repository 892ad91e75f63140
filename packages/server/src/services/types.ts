import type { BackingProgram } from '../deploy/runtimes/backing.ts';
import type { ServiceInstanceRow } from '../store/schema/services.ts';

export type KindName = ServiceInstanceRow['kind'];

/** As clients of Divio know them. */
export type ServiceType = 'DATABASE' | 'CACHE' | 'STORAGE';

/** One service of one environment. */
export interface ServiceInstance {
  readonly uuid: string;
  readonly applicationUuid: string;
  readonly environmentUuid: string;
  readonly kind: KindName;
  readonly prefix: string;
  readonly state: ServiceInstanceRow['state'];
  /** Why it cannot be used now, one line. */
  readonly problem: string | null;
  readonly image: string | null;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly readyAt: string | null;
  readonly removedBy: string | null;
  readonly removedAt: string | null;
}

/** Made once, random, never changed; letters and digits alone, so that no URL and no shell trips over them. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** A program that exits 0 when a service answers its clients. */
export interface Probe {
  readonly argv: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

/** What can be attached. Pure: it says what is to run and what an application is told of it. */
export interface ServiceKind {
  readonly name: KindName;
  /** In the API's catalogue; the same on every installation. */
  readonly uuid: string;
  readonly type: ServiceType;
  readonly title: string;
  readonly description: string;
  /** Null: a bare volume, which needs no program. */
  program(
    instance: Pick<ServiceInstance, 'prefix' | 'image'>,
    credentials: Credentials,
  ): BackingProgram | null;
  /** Null: it is reachable when its volume is there. */
  probe(credentials: Credentials): Probe | null;
  /** What is injected into releases, by name. */
  variables(prefix: string, credentials: Credentials): Record<string, string>;
  /** Where the volume itself is mounted in releases; null: nowhere. */
  mountPath(prefix: string): string | null;
}
