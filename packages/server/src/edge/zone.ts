import { isIP } from 'node:net';

/** The host names of the installation itself below its zone: what divio-cli 4.x dials (spec/divio.md 4.2). */
export function zoneNames(zone: string): readonly string[] {
  const bare = zone.trim().toLowerCase().replace(/\.$/, '');
  return bare === '' ? [] : [`control.${bare}`, `api.${bare}`];
}

/** `https://control.<zone>`, with a port where it is not the usual one. */
export function zoneUrl(zone: string, httpsPort: number): string | null {
  const [control] = zoneNames(zone);
  if (control === undefined) return null;
  return `https://${control}${httpsPort === 443 ? '' : `:${httpsPort}`}`;
}

/** How another program of this machine reaches what listens on `host`. */
export function dialled(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '') return `127.0.0.1:${port}`;
  if (host === '::') return `[::1]:${port}`;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** An address or a network; other words of `trustedProxies` are for the server's framework alone. */
export const isAddress = (text: string): boolean => isIP(text.split('/')[0] ?? '') !== 0;
