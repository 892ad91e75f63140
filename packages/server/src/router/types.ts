/**
 * The router's vocabulary, shared by the client in the server and by the router's own process.
 * Imports nothing, so that neither side pulls in the other.
 */

/** Where one instance of a release listens. */
export interface Backend {
  readonly host: string;
  readonly port: number;
}

/** What one host name serves. */
export interface Route {
  readonly environmentUuid: string;
  readonly releaseUuid: string;
  /** The environment's fence. A writer that lost its fence carries a lower one and is refused. */
  readonly version: number;
  readonly backends: readonly Backend[];
  /** `stopped` answers 503; absent means `serving`. */
  readonly status?: 'serving' | 'stopped';
}

/** The proxy in front that ends TLS and drives nothing but the router: Caddy. */
export interface RouterEdge {
  /** Shared with the edge alone: who sends it in `X-Sluice-Edge` is the edge, and its `X-Forwarded-*` fields are believed. */
  readonly secret: string;
  /** Where the edge takes TLS, for the redirects from plain HTTP. */
  readonly httpsPort: number;
}

export interface HostRoute extends Route {
  /** Lower-case host name without port, such as `live-shop.localhost`. */
  readonly host: string;
  /** Another host name that requests are sent on to, with path and query kept; absent: they are served. */
  readonly redirectTo?: string;
}

/** Times and sizes of `spec/divio.md` 3.7 and the defences around them; settable so that tests can be quick. */
export interface RouterLimits {
  /** One attempt to connect; then another instance is tried. */
  readonly connectTimeoutMs: number;
  /** A backend that takes no byte of the request for this long: 502. */
  readonly sendTimeoutMs: number;
  /** All attempts to connect together: 502. */
  readonly connectAndSendTimeoutMs: number;
  /** Silence between two chunks of a response, the first included: 504. */
  readonly readTimeoutMs: number;
  /** A client that neither sends nor takes a byte in the middle of a message is cut off. */
  readonly clientStallTimeoutMs: number;
  /** A request's head must be complete within this. */
  readonly headersTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly maxBodyBytes: number;
  readonly maxHeaderBytes: number;
  /** After SIGTERM: how long requests may go on. */
  readonly shutdownTimeoutMs: number;
}

export const defaultLimits: RouterLimits = {
  connectTimeoutMs: 5_000,
  sendTimeoutMs: 10_000,
  connectAndSendTimeoutMs: 15_000,
  readTimeoutMs: 30_000,
  clientStallTimeoutMs: 60_000,
  headersTimeoutMs: 15_000,
  keepAliveTimeoutMs: 65_000,
  maxBodyBytes: 500 * 1024 * 1024,
  maxHeaderBytes: 16 * 1024,
  shutdownTimeoutMs: 25_000,
};

export interface BackendStats {
  readonly backend: string;
  /** Requests and upgraded connections that this backend is working on. */
  readonly inFlight: number;
  readonly requests: number;
  readonly failures: number;
}

export interface RouterStats {
  readonly requests: number;
  readonly retries: number;
  /** Answers that the router gave itself, by status. */
  readonly ownAnswers: Readonly<Record<string, number>>;
  readonly upgradedConnections: number;
  readonly residentBytes: number;
  readonly backends: readonly BackendStats[];
}

/** What the process says of itself on the control socket. */
export interface RouterState {
  /** Raised when the control protocol changes; a client that speaks another one restarts the process. */
  readonly protocol: number;
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  /** Digest of the settings that only a new process can take up: whom to believe. */
  readonly trust: string;
}

export const controlProtocol = 2;

/** `host:port`, with brackets around an IPv6 address: the name of a backend in `drained` and in statistics. */
export function backendName(backend: Backend): string {
  const host = backend.host.includes(':') ? `[${backend.host}]` : backend.host;
  return `${host}:${backend.port}`;
}
