import { createCaddy } from '@sluice/testing';

/** Another Caddy that is an ACME authority, as `ca.example.com` on port 14000 of the network that it runs in. */
export async function createAcmeAuthority() {
  const host = 'ca.example.com';
  const caddy = await createCaddy({ ports: [14_001, 14_002] });
  const ca = {
    listen: [':14000'],
    automatic_https: { disable_redirects: true },
    routes: [{ match: [{ host: [host] }], handle: [{ handler: 'acme_server', ca: 'local' }] }],
    tls_connection_policies: [{}],
  };
  const http = { http_port: caddy.httpPort, https_port: 14_000, servers: { ca } };
  const policies = [{ subjects: [host], issuers: [{ module: 'internal' }] }];
  const apps = {
    http,
    tls: { certificates: { automate: [host] }, automation: { policies } },
    pki: { certificate_authorities: { local: { install_trust: false } } },
  };
  const admin = { listen: caddy.admin };
  const said = await caddy.ask('POST', '/load', JSON.stringify({ admin, apps }));
  if (said !== '') throw new Error(`the authority does not start: ${said}`);
  return {
    caddy,
    root: await caddy.authority(),
    directory: `https://${host}:14000/acme/local/directory`,
  };
}
