import { createHash } from 'node:crypto';

/** What a host shows to prove who it is. */
export interface HostKey {
  readonly host: string;
  /** As ssh names it: `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`. */
  readonly type: string;
  /** Base64. */
  readonly key: string;
  /** `SHA256:…`, as ssh shows it. */
  readonly fingerprint: string;
}

/** The keys in a `known_hosts` file; comments, markers and damaged lines are passed over. */
export function parseKnownHosts(text: string): HostKey[] {
  return text.split('\n').flatMap((line) => {
    const [host, type, key] = line.trim().split(/\s+/);
    if (host === undefined || type === undefined || key === undefined) return [];
    if (/^[#@|]/.test(host) || !/^[A-Za-z0-9+/=]+$/.test(key)) return [];
    return [{ host, type, key, fingerprint: fingerprintOf(key) }];
  });
}

export function formatKnownHosts(keys: readonly Pick<HostKey, 'host' | 'type' | 'key'>[]): string {
  return keys.map(({ host, type, key }) => `${host} ${type} ${key}\n`).join('');
}

function fingerprintOf(key: string): string {
  const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}
