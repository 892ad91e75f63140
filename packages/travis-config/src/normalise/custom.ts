import type { Json } from '../messages.ts';
import type { CustomName, Schema } from '../schema/kinds.ts';
import type { Node } from '../yaml/node.ts';
import { cache } from './cache.ts';
import { commands } from './commands.ts';
import type { Context, Path } from './context.ts';
import { deploy, deployOn } from './deploy.ts';
import { jobEnv, rootEnv } from './env.ts';
import { notifications } from './notifications.ts';
import { boolean, number, truth } from './scalars.ts';
import { template } from './template.ts';

/** {@link normalise}, handed in so that the sections need not import what imports them. */
export type Normalise = (
  schema: Schema,
  node: Node,
  path: Path,
  context: Context,
) => Json | undefined;

export type Custom = (
  node: Node,
  path: Path,
  context: Context,
  normalise: Normalise,
) => Json | undefined;

/** The sections whose rules are code. */
export const customs: { readonly [name in CustomName]: Custom } = {
  cache,
  commands,
  deploy,
  deployOn,
  env: rootEnv,
  jobEnv,
  notifications,
  template,
  gitDepth: (node, path, context) =>
    truth(node) === undefined ? number(node, path, context) : depth(boolean(node, path, context)),
};

/** `depth: true` means nothing more than the default. */
function depth(value: boolean | undefined): false | undefined {
  return value === false ? false : undefined;
}
