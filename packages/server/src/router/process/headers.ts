/**
 * Which header fields pass, in both directions. Works on Node's flat `rawHeaders` lists ([name, value, ...]), so that
 * order, spelling and repetition arrive as they were sent.
 */

const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Set by the router alone: what a client says of them would be believed by applications. */
const ownedByRouter: ReadonlySet<string> = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-real-ip',
  // The edge's proof of who it is: no application may learn it.
  'x-sluice-edge',
]);

/** Fields that a `Connection` header may not take away, however it is worded. */
const notRemovable: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'cookie',
  'authorization',
]);

export interface ClientFacts {
  readonly address: string;
  /** Whether it is a proxy whose `X-Forwarded-*` fields are believed. */
  readonly isTrusted: boolean;
  readonly host: string;
  readonly port: number;
}

/** Names that `Connection` declares to be for this connection alone, or null for the usual `keep-alive` and `close`. */
function connectionOptions(raw: readonly string[]): Set<string> | null {
  let names: Set<string> | null = null;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i];
    if (name?.length !== 10 || name.toLowerCase() !== 'connection') continue;
    for (const part of (raw[i + 1] ?? '').split(',')) {
      const option = part.trim().toLowerCase();
      if (option === 'keep-alive' || option === 'close' || notRemovable.has(option)) continue;
      names ??= new Set();
      names.add(option);
    }
  }
  return names;
}

/** The value of a field that occurs once or is a list; null where it is absent. */
function joined(raw: readonly string[], lowerName: string): string | null {
  let value: string | null = null;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (raw[i]?.toLowerCase() !== lowerName) continue;
    value = value === null ? (raw[i + 1] as string) : `${value}, ${raw[i + 1]}`;
  }
  return value;
}

/** What the application is told of its client: by the router's own eyes, or as a trusted proxy in front reports it. */
function forwardingFields(raw: readonly string[], client: ClientFacts): string[] {
  const told = (name: string): string | null => (client.isTrusted ? joined(raw, name) : null);
  const chain = told('x-forwarded-for');
  return [
    'X-Forwarded-For',
    chain === null ? client.address : `${chain}, ${client.address}`,
    'X-Forwarded-Proto',
    told('x-forwarded-proto') ?? 'http',
    'X-Forwarded-Host',
    told('x-forwarded-host') ?? client.host,
    'X-Forwarded-Port',
    told('x-forwarded-port') ?? String(client.port),
  ];
}

/** Request fields for the backend. `Expect` was answered by the router, so it ends here. */
export function forwardedRequestHeaders(raw: readonly string[], client: ClientFacts): string[] {
  const listed = connectionOptions(raw);
  const result: string[] = ['Host', client.host];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    const lower = name.toLowerCase();
    if (hopByHop.has(lower) || ownedByRouter.has(lower) || listed?.has(lower)) continue;
    if (lower === 'expect' || lower === 'host') continue;
    // CGI and WSGI cannot tell `X_Forwarded_For` from `X-Forwarded-For`: the one would pass for the other.
    if (lower.includes('_')) {
      const dashed = lower.replaceAll('_', '-');
      if (ownedByRouter.has(dashed) || hopByHop.has(dashed) || notRemovable.has(dashed)) continue;
    }
    result.push(name, raw[i + 1] as string);
  }
  result.push(...forwardingFields(raw, client));
  return result;
}

/**
 * Response fields for the client. The length goes where it would contradict the framing: beside a transfer coding, as
 * RFC 9112 6.3 has it, and on a 204, which has no body.
 */
export function forwardedResponseHeaders(raw: readonly string[], status: number): string[] {
  const listed = connectionOptions(raw);
  const withoutLength = status === 204 || countHeader(raw, 'transfer-encoding') > 0;
  const result: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    const lower = name.toLowerCase();
    if (hopByHop.has(lower) || listed?.has(lower)) continue;
    if (withoutLength && lower === 'content-length') continue;
    result.push(name, raw[i + 1] as string);
  }
  return result;
}

/** How often a field occurs. */
export function countHeader(raw: readonly string[], lowerName: string): number {
  let count = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i];
    if (name?.length === lowerName.length && name.toLowerCase() === lowerName) count += 1;
  }
  return count;
}
