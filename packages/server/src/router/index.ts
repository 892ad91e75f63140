/**
 * The router room: traffic to the current release. The embedded router is a process of its own (`process/main.ts`);
 * this side starts, adopts, watches and commands it.
 */
export { createRouter, type Router, type RouterLogger, type RouterOptions } from './router.ts';
export type {
  Backend,
  HostRoute,
  Route,
  RouterEdge,
  RouterLimits,
  RouterStats,
} from './types.ts';
