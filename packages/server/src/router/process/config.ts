import type { ProcessIdentity } from '../identity.ts';
import type { RouterEdge, RouterLimits } from '../types.ts';

/** The single argument of the router process, as JSON. Written by `spawn.ts`, read by `main.ts`. */
export interface ProcessConfig {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly preferredPort: number;
  readonly limits: RouterLimits;
  /** Addresses and networks whose `X-Forwarded-*` fields are believed. */
  readonly trustedProxies: readonly string[];
  readonly edge: RouterEdge | null;
  /** A router with other settings or an older protocol, whose place this one takes. */
  readonly replaces: ProcessIdentity | null;
  /** File descriptor that hears once how the start went. */
  readonly reportFd: number;
}

/** What goes through `reportFd`, one JSON line. */
export type StartReport =
  | { readonly started: true; readonly port: number }
  | {
      readonly started: false;
      /** `already_running` where another router has the lock: adopt that one. */
      readonly reason: string;
      readonly message: string;
      readonly remedy: string | null;
    };
