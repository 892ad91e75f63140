import { isIP } from 'node:net';
import { SluiceError } from '../../errors.ts';
import { normaliseHostName } from '../host-name.ts';
import type { Backend, HostRoute } from '../types.ts';

/** What is remembered of a host that was removed. */
export interface Removal {
  readonly host: string;
  readonly environmentUuid: string;
  readonly version: number;
}

export interface TableFile {
  readonly routes: readonly HostRoute[];
  readonly removals: readonly Removal[];
}

const mostBackends = 256;
const name = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})$/;

function invalid(field: string, message: string): SluiceError {
  return new SluiceError('invalid', `${field}: ${message}`, { fields: { [field]: [message] } });
}

function record(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(field, 'An object is needed.');
  }
  return value as Record<string, unknown>;
}

function text(value: unknown, field: string): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > 200) {
    throw invalid(field, 'A text of 1 to 200 characters is needed.');
  }
  return value;
}

function version(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw invalid('version', 'A whole number from 0 on is needed.');
  }
  return value;
}

function host(value: unknown): string {
  const normal = typeof value === 'string' ? normaliseHostName(value) : null;
  if (normal === null) throw invalid('host', 'A host name without port is needed.');
  return normal;
}

function backend(value: unknown): Backend {
  const { host: address, port } = record(value, 'backends');
  if (typeof address !== 'string' || !(isIP(address) > 0 || name.test(address))) {
    throw invalid('backends', 'Each needs a host name or an address.');
  }
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw invalid('backends', 'Each needs a port from 1 to 65535.');
  }
  return { host: address, port };
}

/** @throws SluiceError `invalid` */
export function parseHostRoute(value: unknown): HostRoute {
  const fields = record(value, 'route');
  const backends = fields['backends'];
  if (!Array.isArray(backends) || backends.length > mostBackends) {
    throw invalid('backends', `A list of at most ${mostBackends} is needed.`);
  }
  const status = fields['status'] ?? 'serving';
  if (status !== 'serving' && status !== 'stopped') {
    throw invalid('status', 'Either serving or stopped.');
  }
  const redirectTo = fields['redirectTo'];
  return {
    host: host(fields['host']),
    ...(redirectTo === undefined ? {} : { redirectTo: host(redirectTo) }),
    environmentUuid: text(fields['environmentUuid'], 'environmentUuid'),
    releaseUuid: text(fields['releaseUuid'], 'releaseUuid'),
    version: version(fields['version']),
    backends: backends.map(backend),
    status,
  };
}

function parseRemoval(value: unknown): Removal {
  const fields = record(value, 'removals');
  return {
    host: host(fields['host']),
    environmentUuid: text(fields['environmentUuid'], 'environmentUuid'),
    version: version(fields['version']),
  };
}

/** @throws SluiceError `internal` naming the file: serving nothing at all would hide that something is badly wrong. */
export function parseTableFile(content: string, path: string): TableFile {
  try {
    const { format, routes, removals } = record(JSON.parse(content), 'table');
    if (format !== 1) throw invalid('format', `Version ${String(format)} is not known here.`);
    if (!Array.isArray(routes) || !Array.isArray(removals)) throw invalid('table', 'Lists needed.');
    return { routes: routes.map(parseHostRoute), removals: removals.map(parseRemoval) };
  } catch (cause) {
    throw new SluiceError('internal', `The routing table ${path} cannot be read.`, {
      reason: 'table_damaged',
      remedy: 'Restore it, or move it away: the server sets the routes of running releases again.',
      cause,
    });
  }
}
