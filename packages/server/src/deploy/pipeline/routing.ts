import { setTimeout as pause } from 'node:timers/promises';
import type { Applications, Environment } from '../../applications/index.ts';
import { SluiceError } from '../../errors.ts';
import type { HostRoute, Route, Router } from '../../router/index.ts';
import { createTurns } from '../../turns.ts';
import { FenceLost } from '../pipeline-types.ts';

/** All host names of an environment, always with the same route: its fixed one, then the users' own, of which some redirect. */
export interface Routing {
  /**
   * Points them all at the route, in one step. The environment's fence is its version: a server that lost its right is
   * refused (`FenceLost`). A router that is coming back is waited for.
   */
  serve(environmentUuid: string, route: Omit<Route, 'environmentUuid'>): Promise<void>;
  /** After the users' names have changed: those that are new lead where the fixed one leads, those that went are removed. */
  publish(environmentUuid: string): Promise<void>;
  hosts(environment: Environment): Promise<string[]>;
}

export interface RoutingDeps {
  readonly router: Pick<Router, 'setRoutes' | 'removeRoute' | 'routes'>;
  readonly applications: Pick<Applications, 'environment' | 'host' | 'domains'>;
}

type Name = Pick<HostRoute, 'host' | 'redirectTo'>;

const KEEP_TRYING_MS = 60_000;

/**
 * Names are read and routes are set in one turn of the environment: a name that is added while a deployment switches would
 * otherwise be left with the old release. These turns are short; the pipeline's own last as long as a deployment.
 */
export function createRouting({ router, applications }: RoutingDeps): Routing {
  const turns = createTurns();

  /** Each name, with the one that it redirects to where it does. */
  const namesOf = async (environment: Environment): Promise<Name[]> => {
    const own = await applications.domains.list([environment.uuid]);
    const fixed = applications.host(environment);
    const main = own.find(({ isPrimary }) => isPrimary)?.name ?? fixed;
    return [
      { host: fixed },
      ...own.map(({ name, isRedirect }) =>
        isRedirect ? { host: name, redirectTo: main } : { host: name },
      ),
    ];
  };

  const setAll = async (environmentUuid: string, route: Omit<Route, 'environmentUuid'>) => {
    const environment = await applications.environment(environmentUuid);
    if (environment === null) return;
    const names = await namesOf(environment);
    await router.setRoutes(names.map((name) => ({ ...route, environmentUuid, ...name })));
  };

  const publish = async (environmentUuid: string): Promise<void> => {
    const environment = await applications.environment(environmentUuid);
    if (environment === null) return;
    const names = await namesOf(environment);
    const hosts = new Set(names.map(({ host }) => host));
    const routes = (await router.routes()).filter((one) => one.environmentUuid === environmentUuid);
    for (const { host } of routes) if (!hosts.has(host)) await router.removeRoute(host);
    const fixed = routes.find((one) => one.host === applications.host(environment));
    // Nothing was ever live: the first deployment sets them all.
    if (fixed === undefined) return;
    await router.setRoutes(names.map((name) => ({ ...fixed, ...name })));
  };

  return {
    hosts: async (environment) => (await namesOf(environment)).map(({ host }) => host),
    publish: (uuid) => turns.take(uuid, () => publish(uuid)),
    serve: async (uuid, route) => {
      for (const giveUpAt = Date.now() + KEEP_TRYING_MS; ; ) {
        try {
          await turns.take(uuid, () => setAll(uuid, route));
          return;
        } catch (error) {
          if (error instanceof SluiceError && error.reason === 'stale_version') {
            throw new FenceLost(error.message, { cause: error });
          }
          const mayComeBack = error instanceof SluiceError && error.code === 'unavailable';
          if (!mayComeBack || Date.now() > giveUpAt) throw error;
          await pause(250);
        }
      }
    },
  };
}
