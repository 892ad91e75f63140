import { readFile } from 'node:fs/promises';
import { createServer as createHttp, type IncomingMessage, request, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { run } from './installation.ts';

/**
 * What stands in front of a Sluice with a zone of its own: TLS for `control.<zone>` and `api.<zone>` on port 443.
 * Clients reach it through an HTTP proxy that takes them to port 443 of any name, so that a test needs neither DNS nor
 * the right to listen on port 443.
 */
export interface TlsFront {
  /** For `HTTPS_PROXY`. */
  readonly proxyUrl: string;
  /** PEM of the authority that signed the certificate. */
  readonly authority: string;
  close(): Promise<void>;
}

export async function createTlsFront(
  zone: string,
  upstream: string,
  directory: string,
): Promise<TlsFront> {
  const { key, certificate, authority } = await makeCertificate(zone, directory);
  const target = new URL(upstream);
  const front = createHttps({ key, cert: certificate }, (incoming, outgoing) => {
    const forwarded = request(
      {
        host: target.hostname,
        port: target.port,
        method: incoming.method,
        path: incoming.url,
        headers: {
          ...incoming.headers,
          'x-forwarded-proto': 'https',
          'x-forwarded-host': incoming.headers.host,
          'x-forwarded-for': incoming.socket.remoteAddress,
        },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', () => outgoing.writeHead(502).end());
    incoming.pipe(forwarded);
  });
  const frontPort = await listen(front);

  const proxy = await createWayTo(frontPort);

  return {
    proxyUrl: proxy.proxyUrl,
    authority,
    close: async () => {
      await close(front);
      await proxy.close();
    },
  };
}

/** An HTTP proxy that takes its clients to `port` of this machine, whatever name and port they ask for. */
export async function createWayTo(port: number): Promise<Omit<TlsFront, 'authority'>> {
  const proxy = createHttp((_, answer) => answer.writeHead(405).end());
  const tunnels = new Set<Socket>();
  proxy.on('connect', (_: IncomingMessage, client: Socket) => {
    const tunnel = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      tunnel.pipe(client);
      client.pipe(tunnel);
    });
    tunnels.add(client);
    client.on('close', () => tunnels.delete(client));
    tunnel.on('error', () => client.destroy());
    client.on('error', () => tunnel.destroy());
  });
  const proxyPort = await listen(proxy);
  return {
    proxyUrl: `http://127.0.0.1:${proxyPort}`,
    close: async () => {
      for (const tunnel of tunnels) tunnel.destroy();
      await close(proxy);
    },
  };
}

async function close(server: Server | ReturnType<typeof createHttps>): Promise<void> {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
}

async function listen(server: Server | ReturnType<typeof createHttps>): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

async function makeCertificate(zone: string, directory: string) {
  const at = (name: string) => join(directory, name);
  const openssl = async (...words: string[]) => {
    const result = await run('openssl', words, { cwd: directory });
    if (result.code !== 0) throw new Error(`openssl: ${result.stderr}`);
  };
  const newKey = ['-newkey', 'rsa:2048', '-nodes', '-sha256'];
  await openssl(
    ...['req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=Sluice test authority'],
    ...['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=keyCertSign'],
    ...['-keyout', at('ca.key'), '-out', at('ca.pem')],
  );
  await openssl(
    ...['req', '-x509', ...newKey, '-days', '2', '-subj', `/CN=control.${zone}`],
    ...['-addext', `subjectAltName=DNS:control.${zone},DNS:api.${zone}`],
    ...['-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-CA', at('ca.pem'), '-CAkey', at('ca.key')],
    ...['-keyout', at('front.key'), '-out', at('front.pem')],
  );
  const [key, certificate, authority] = await Promise.all(
    ['front.key', 'front.pem', 'ca.pem'].map((name) => readFile(at(name), 'utf8')),
  );
  return { key: key ?? '', certificate: certificate ?? '', authority: authority ?? '' };
}
