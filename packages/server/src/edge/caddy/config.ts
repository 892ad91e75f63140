import { createHash } from 'node:crypto';
import type { EdgeSettings } from '../types.ts';
import { zoneNames } from '../zone.ts';

/** Where Caddy passes requests on to. */
export interface EdgeTargets {
  /** `host:port` of the embedded router. */
  readonly router: string;
  /** `host:port` of the server. */
  readonly server: string;
  /** Proves to both that a request comes from the edge. */
  readonly secret: string;
}

/** Caddy's `apps`, and the id under which it is found there as long as it is exactly this. */
export interface CaddyConfig {
  readonly id: string;
  readonly apps: object;
}

/** Less than router and server keep idle connections: a request must not meet one that is being closed. */
const IDLE_CONNECTION = '30s';
/** How long a request waits for a router or a server that is being started again. */
const COMEBACK = '10s';
/** What is under way when a configuration changes may take so long; WebSockets of old ones are cut then. */
const GRACE = '10s';

/**
 * The whole configuration. It names no domain: certificates come on demand, for names that the router knows, and the
 * router does every redirect. So a domain that comes or goes changes nothing here, and no connection of others is
 * touched (Caddy cuts WebSockets when its configuration changes).
 */
export function caddyConfig(settings: EdgeSettings, targets: EdgeTargets): CaddyConfig {
  const apps = {
    http: {
      http_port: settings.edgeHttpPort,
      https_port: settings.edgeHttpsPort,
      grace_period: GRACE,
      servers: {
        sluice: httpsServer(settings, targets),
        sluice_http: httpServer(settings, targets),
      },
    },
    tls: tls(settings, targets),
    // Caddy may run as root: it shall not put its authority among those that the machine trusts.
    pki: { certificate_authorities: { local: { install_trust: false } } },
  };
  const digest = createHash('sha256').update(JSON.stringify(apps)).digest('hex').slice(0, 16);
  const id = `sluice-${digest}`;
  const { sluice, ...others } = apps.http.servers;
  const servers = { sluice: { '@id': id, ...sluice }, ...others };
  return { id, apps: { ...apps, http: { ...apps.http, servers } } };
}

const listen = (host: string, port: number) => [
  `${host.includes(':') ? `[${host}]` : host}:${port}`,
];

function httpsServer(settings: EdgeSettings, targets: EdgeTargets) {
  const port = settings.edgeHttpsPort;
  return {
    listen: listen(settings.edgeHost, port),
    protocols: ['h1', 'h2', 'h3'],
    routes: [
      ...ownNames(settings, [proxy(targets.server, targets.secret, port)]),
      { handle: [proxy(targets.router, targets.secret, port)] },
    ],
    errors: { routes: [{ handle: [away] }] },
    tls_connection_policies: [{}],
    // strict_sni_host stays off: Caddy 2.6 knows no server name of HTTP/3 and would answer 421 to each such request.
    // Whatever the connection is named for, the router goes by the Host alone, and serves only names that it knows.
    automatic_https: { disable: true },
    read_header_timeout: '15s',
  };
}

function httpServer(settings: EdgeSettings, targets: EdgeTargets) {
  const port = settings.edgeHttpsPort === 443 ? '' : `:${settings.edgeHttpsPort}`;
  const location = `https://{http.request.host}${port}{http.request.uri}`;
  const upgrade = {
    handler: 'static_response',
    status_code: '308',
    headers: { Location: [location] },
  };
  return {
    listen: listen(settings.edgeHost, settings.edgeHttpPort),
    // The router sends its own names on to https, and refuses those that it does not know.
    routes: [
      ...ownNames(settings, [upgrade]),
      { handle: [proxy(targets.router, targets.secret, settings.edgeHttpPort)] },
    ],
    errors: { routes: [{ handle: [away] }] },
    automatic_https: { disable: true },
    read_header_timeout: '15s',
  };
}

function ownNames(settings: EdgeSettings, handle: readonly object[]): object[] {
  const host = zoneNames(settings.edgeZone);
  return host.length === 0 ? [] : [{ match: [{ host }], handle, terminal: true }];
}

/** Answers of a body that the other side does not take are not retried; connections that are refused are. */
function proxy(dial: string, secret: string, port: number): object {
  return {
    handler: 'reverse_proxy',
    upstreams: [{ dial }],
    transport: {
      protocol: 'http',
      dial_timeout: '5s',
      keep_alive: { idle_timeout: IDLE_CONNECTION, max_idle_conns_per_host: 256 },
    },
    load_balancing: { try_duration: COMEBACK, try_interval: '100ms' },
    // X-Forwarded-For, -Proto and -Host are Caddy's own; what clients say of them it drops.
    headers: {
      request: { set: { 'X-Sluice-Edge': [secret], 'X-Forwarded-Port': [String(port)] } },
    },
  };
}

const away = {
  handler: 'static_response',
  status_code: '{http.error.status_code}',
  headers: { 'Content-Type': ['text/plain; charset=utf-8'], 'Retry-After': ['5'] },
  body: '{http.error.status_code} {http.error.status_text}\n',
};

function tls(settings: EdgeSettings, targets: EdgeTargets) {
  const internal = [{ module: 'internal' }];
  const issuers = settings.edgeIssuer === 'internal' ? internal : [acme(settings)];
  const own = zoneNames(settings.edgeZone);
  const onDemand = { on_demand: true };
  return {
    certificates: { automate: own },
    automation: {
      policies: [
        ...(own.length === 0 ? [] : [{ subjects: own, issuers }]),
        // No public authority vouches for names that mean this very machine.
        { subjects: ['localhost', '*.localhost'], issuers: internal, ...onDemand },
        { issuers, ...onDemand },
      ],
      on_demand: {
        ask: `http://${targets.router}/.sluice/edge/ask?key=${encodeURIComponent(targets.secret)}`,
      },
    },
  };
}

function acme({ edgeEmail, edgeAcmeDirectory }: EdgeSettings): object {
  return {
    module: 'acme',
    ...(edgeEmail === '' ? {} : { email: edgeEmail }),
    ...(edgeAcmeDirectory === '' ? {} : { ca: edgeAcmeDirectory }),
  };
}
