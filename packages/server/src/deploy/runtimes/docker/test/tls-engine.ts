import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';

/** This machine's engine behind TLS that asks for a client certificate, as `dockerd --tlsverify` does. */
export interface TlsEngine {
  /** `tcp://127.0.0.1:PORT` */
  readonly address: string;
  /** With `ca.pem`, `cert.pem` and `key.pem` of a client that may come in. */
  readonly certificates: string;
  /** The same of one whose certificate another authority made. */
  readonly strangersCertificates: string;
  stop(): Promise<void>;
}

/** Makes two authorities, a server's certificate of the first, and a client's of each, with `openssl`. */
export async function startTlsEngine(directory: string): Promise<TlsEngine> {
  const own = join(directory, 'own');
  const strange = join(directory, 'strange');
  for (const at of [own, strange]) {
    mkdirSync(at, { recursive: true });
    makeAuthority(at);
    makeCertificate(at, 'cert', 'clientAuth');
  }
  makeCertificate(own, 'server', 'serverAuth');
  // It trusts the server, and is not trusted itself.
  writeFileSync(join(strange, 'ca.pem'), readFileSync(join(own, 'ca.pem')));

  const open = new Set<TLSSocket>();
  const read = (name: string) => readFileSync(join(own, name));
  const server = createServer(
    {
      ...{ ca: read('ca.pem'), cert: read('server.pem'), key: read('server-key.pem') },
      ...{ requestCert: true, rejectUnauthorized: true, allowHalfOpen: true },
    },
    (socket) => {
      open.add(socket);
      const engine = connect({ path: '/var/run/docker.sock', allowHalfOpen: true });
      const end = () => {
        open.delete(socket);
        socket.destroy();
        engine.destroy();
      };
      for (const side of [socket, engine]) side.on('error', end).on('close', end);
      socket.pipe(engine).pipe(socket);
    },
  );
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `tcp://127.0.0.1:${port}`,
    certificates: own,
    strangersCertificates: strange,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

const openssl = (at: string, ...words: string[]) =>
  execFileSync('openssl', words, { cwd: at, stdio: ['ignore', 'ignore', 'pipe'] });

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function makeAuthority(at: string): void {
  const subject = ['-subj', '/CN=test authority', '-days', '2'];
  openssl(at, 'req', '-x509', ...KEY, ...subject, '-keyout', 'ca-key.pem', '-out', 'ca.pem');
}

function makeCertificate(at: string, name: string, usage: string): void {
  const key = name === 'cert' ? 'key.pem' : `${name}-key.pem`;
  openssl(at, 'req', ...KEY, '-subj', `/CN=${name}`, '-keyout', key, '-out', `${name}.csr`);
  const extensions = `extendedKeyUsage=${usage}\nsubjectAltName=IP:127.0.0.1,DNS:localhost\n`;
  writeFileSync(join(at, `${name}.ext`), extensions);
  const authority = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial', '-days', '2'];
  const files = ['-in', `${name}.csr`, '-extfile', `${name}.ext`, '-out', `${name}.pem`];
  openssl(at, 'x509', '-req', ...authority, ...files);
}
