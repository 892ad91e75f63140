import { type Static, Type } from 'typebox';
import { Nullable, Time, Uuid } from './common.ts';

/** What can be attached to an environment. */
export const Service = Type.Object({
  uuid: Uuid,
  name: Type.String(),
  /** `DATABASE`, `CACHE` or `STORAGE`. */
  type: Type.String(),
  /** `postgresql`, `redis` or `storage`; also taken where the uuid is. */
  identifier: Type.String(),
  description: Type.String(),
});
export type Service = Static<typeof Service>;

export const ServiceInstance = Type.Object({
  uuid: Uuid,
  environment: Uuid,
  application: Uuid,
  type: Type.String(),
  prefix: Type.String(),
  /** `PROVISIONING`, `PROVISIONED`, `UNREACHABLE` (`problem` says why) or `REMOVED`. */
  service_status: Type.String(),
  problem: Nullable(Type.String()),
  region: Uuid,
  service: Uuid,
  identifier: Type.String(),
  name: Type.String(),
  image: Nullable(Type.String()),
  /** What releases are given, from the next deployment on. */
  variables: Type.Array(
    Type.Object({
      name: Type.String(),
      /** True where the environment has a variable of that name, whose value is used instead. */
      is_overridden: Type.Boolean(),
    }),
  ),
  /** Where its volume is seen by releases. */
  mount_path: Nullable(Type.String()),
  created_by: Type.String(),
  created_at: Time,
  ready_at: Nullable(Time),
  removed_at: Nullable(Time),
  /** Until then a removed one can be restored with its data. */
  kept_until: Nullable(Time),
});
export type ServiceInstance = Static<typeof ServiceInstance>;

export const ServiceInstanceCreate = Type.Object({
  environment: Uuid,
  /** Uuid or identifier. */
  service: Type.String({ minLength: 1, maxLength: 64 }),
  /** Any case; absent: DEFAULT. */
  prefix: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
  region: Type.Optional(Nullable(Type.String())),
});
export type ServiceInstanceCreate = Static<typeof ServiceInstanceCreate>;

export const ServiceInstanceRestore = Type.Object({
  /** Another environment of the same application; absent: its own. */
  environment: Type.Optional(Nullable(Uuid)),
});
export type ServiceInstanceRestore = Static<typeof ServiceInstanceRestore>;

/** What releases are given by a service, with the credentials in it. */
export const ServiceInstanceValues = Type.Object({
  variables: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
});
export type ServiceInstanceValues = Static<typeof ServiceInstanceValues>;
