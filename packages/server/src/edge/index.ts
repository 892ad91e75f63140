/**
 * The edge room: Caddy in front of router and server. It ends TLS with certificates that it gets by itself, speaks HTTP/2
 * and 3, and passes everything on: `control.<zone>` and `api.<zone>` to the server, all else to the embedded router, which
 * knows the hosts. Sluice writes Caddy's configuration through its admin API; Caddy's life is the service manager's.
 */

import type { Store } from '../store/index.ts';
import { createCaddyAdmin } from './caddy/admin.ts';
import { caddyConfig } from './caddy/config.ts';
import { type CaddyKeeper, keepCaddy } from './caddy/keeper.ts';
import { createDomainChecks, type DomainChecks } from './checks/index.ts';
import type { EdgeLogger, EdgeSettings, EdgeState } from './types.ts';
import { zoneNames } from './zone.ts';

export type { DomainCheck } from './checks/index.ts';
export { edgeSecret } from './secret.ts';
export type { EdgeState } from './types.ts';
export { dialled, isAddress, zoneUrl } from './zone.ts';

export interface EdgeOptions {
  readonly store: Store;
  readonly settings: EdgeSettings;
  readonly secret: string;
  readonly logger: EdgeLogger;
}

export interface Edge {
  /** Proves to router and server that a request comes from the edge. */
  readonly secret: string;
  readonly httpsPort: number;
  /** Host names of the installation itself. */
  readonly names: readonly string[];
  /** Whether domains point here and have certificates. */
  readonly checks: DomainChecks;
  /** From now on Caddy is kept in step; it need not run yet. Both are `host:port` of this machine. */
  start(targets: { readonly router: string; readonly server: string }): void;
  state(): EdgeState;
  /** Lets go of Caddy, which goes on serving. */
  stop(): void;
}

export function createEdge({ store, settings, secret, logger }: EdgeOptions): Edge {
  const admin = createCaddyAdmin(settings.edgeAdmin);
  const checks = createDomainChecks({ store, settings, logger });
  const made = new Date().toISOString();
  let keeper: CaddyKeeper | null = null;
  return {
    secret,
    checks,
    httpsPort: settings.edgeHttpsPort,
    names: zoneNames(settings.edgeZone),
    start: (targets) => {
      keeper = keepCaddy(admin, caddyConfig(settings, { ...targets, secret }), logger);
      checks.start();
    },
    state: () =>
      keeper?.state() ?? { inStep: false, since: made, problem: 'The server is still starting.' },
    stop: () => {
      checks.stop();
      keeper?.stop();
    },
  };
}
