import { registerHooks } from 'node:module';

/**
 * For `NODE_OPTIONS=--import=...` of a server: whoever decides reads rules of ordering of which one is wrong, the one that
 * `PLANTED_FAULT` names. The product has no switch for it; Node is told of another file while it loads that module.
 */
const decides = new URL('../../packages/server/src/deploy/ordering/decide.ts', import.meta.url);
const planted = new URL('./planted-rules.ts', import.meta.url);

registerHooks({
  resolve: (specifier, context, next) =>
    next(
      specifier === './rules.ts' && context.parentURL === decides.href ? planted.href : specifier,
      context,
    ),
});
