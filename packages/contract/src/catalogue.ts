import { Type } from 'typebox';
import { ReleaseCommand } from './apps.ts';
import { Nullable, Uuid } from './common.ts';

/** The lists that `divio app create` walks through; a self-hosted installation has one of each. */
export const Region = Type.Object({ uuid: Uuid, name: Type.String() });

export const PlanGroup = Type.Object({
  uuid: Uuid,
  name: Type.String(),
  regions: Type.Array(Uuid),
});

export const AppTemplate = Type.Object({
  uuid: Uuid,
  name: Type.String(),
  url: Nullable(Type.String()),
  release_commands: Type.Array(ReleaseCommand),
  services: Type.Array(Type.Object({ id: Type.String(), prefix: Type.String() })),
});
