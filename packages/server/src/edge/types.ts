import type { Settings } from '../settings/definitions.ts';

export type EdgeSettings = Pick<
  Settings,
  | 'edgeAdmin'
  | 'edgeZone'
  | 'edgeIssuer'
  | 'edgeEmail'
  | 'edgeAcmeDirectory'
  | 'edgeHost'
  | 'edgeHttpPort'
  | 'edgeHttpsPort'
  | 'edgeAddresses'
  | 'edgeResolvers'
  | 'appDomain'
>;

/** A part of pino's. */
export interface EdgeLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** How the edge is, for people. */
export interface EdgeState {
  /** Whether Caddy is known to run with the configuration that it should have. */
  readonly inStep: boolean;
  /** Since when that is so. */
  readonly since: string;
  /** Why it is not, with what to do; null where it is. */
  readonly problem: string | null;
}
