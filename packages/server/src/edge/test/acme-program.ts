/**
 * In a network of its own, where names lead to this machine and ports 80 and 443 are free: asks for a domain over HTTPS
 * whose certificate Caddy has to get from an ACME authority first. Prints what came as JSON.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { route } from '../../router/fixtures/world.ts';
import { createAcmeAuthority } from './acme-authority.ts';
import { createEdgeKit } from './kit.ts';

const SHOP = 'shop.example.com';
const directory = await mkdtemp(join(tmpdir(), 'sluice-acme-'));
const authority = await createAcmeAuthority();
const roots = join(directory, 'roots.pem');
await writeFile(roots, authority.root);
const kit = await createEdgeKit(undefined, {
  caddy: { ports: [80, 443], environment: { SSL_CERT_FILE: roots } },
  flags: ['--edge-issuer', 'acme', '--edge-acme-directory', authority.directory],
});
try {
  await kit.router.setRoutes([{ ...route(1, await kit.world.backend('a')), host: SHOP }]);
  const ask = (servername: string) =>
    new Promise<string>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: 443, servername, ca: authority.root });
      let text = '';
      socket.on('secureConnect', () =>
        socket.write(`GET / HTTP/1.1\r\nHost: ${servername}\r\nConnection: close\r\n\r\n`),
      );
      socket.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      socket.on('error', (error) => resolve(`refused: ${error.message}`));
      socket.on('close', () => resolve(text));
    });
  const shop = await ask(SHOP);
  const stranger = await ask('stranger.example.com');
  process.stdout.write(
    JSON.stringify({
      shop: shop.split('\r\n')[0],
      stranger,
      caddy: shop.startsWith('HTTP') ? '' : await kit.caddy.log(),
    }),
  );
} finally {
  await kit.close();
  await authority.caddy.destroy();
  await rm(directory, { recursive: true, force: true });
}
