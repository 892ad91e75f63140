import { checkServerIdentity, connect } from 'node:tls';

export type Certificate =
  | { readonly kind: 'issued'; readonly issuer: string; readonly expiresAt: Date }
  | { readonly kind: 'pending'; readonly why: string };

/** An authority may take its time; the edge holds the handshake until it has the certificate. */
const PATIENCE_MS = 60_000;

/**
 * Asks the edge itself, by the handshake that a visitor begins with. That is also what makes it get a certificate, or a new
 * one when the old one is about to end: so the first visitor need not wait for it.
 */
export function lookAtCertificate(
  edge: { readonly host: string; readonly port: number },
  name: string,
): Promise<Certificate> {
  return new Promise((resolve) => {
    const socket = connect({
      ...edge,
      servername: name,
      // Who signed it is what is to be found out, and an authority of Caddy's own is known to nobody here.
      rejectUnauthorized: false,
    });
    const end = (certificate: Certificate) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(certificate);
    };
    const timer = setTimeout(() => end({ kind: 'pending', why: 'it takes long' }), PATIENCE_MS);
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const isRefused = error.code?.startsWith('ERR_SSL') === true;
      end({ kind: 'pending', why: isRefused ? 'Caddy has none for it' : error.message });
    });
    socket.once('secureConnect', () => {
      const shown = socket.getPeerCertificate();
      const expiresAt = new Date(shown.valid_to);
      const mismatch = checkServerIdentity(name, shown);
      if (mismatch !== undefined) end({ kind: 'pending', why: mismatch.message });
      else end({ kind: 'issued', issuer: nameOf(shown.issuer), expiresAt });
    });
  });
}

function nameOf(issuer: { O?: string | string[]; CN?: string | string[] } | undefined): string {
  const name = issuer?.O ?? issuer?.CN ?? 'an unnamed authority';
  return Array.isArray(name) ? name.join(', ') : name;
}
