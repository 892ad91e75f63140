import type { CustomName } from '../schema/kinds.ts';
import { cache } from './cache.ts';
import { commands } from './commands.ts';
import type { Custom } from './context.ts';
import { deploy, deployOn } from './deploy.ts';
import { jobEnv, rootEnv } from './env.ts';
import { notifications } from './notifications.ts';
import { boolean, number, truth } from './scalars.ts';
import { template } from './template.ts';

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
