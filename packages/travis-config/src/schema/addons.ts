import { any, bool, map, maybeSecure, num, oneOf, secret, seq, str } from './kinds.ts';

const source = oneOf(str, map({ sourceline: str, key_url: str, name: str }, { prefix: 'name' }));

const apt = map(
  {
    packages: seq(str),
    sources: seq(source),
    update: bool,
    dist: str,
    config: map({ retries: bool }, { open: any }),
  },
  { prefix: 'packages', toggle: 'update', aliases: { package: 'packages', source: 'sources' } },
);

/** `addons` (spec 8). The ones the runner may act on are checked, the others are kept as they are. */
export const addons = map(
  {
    apt,
    apt_packages: seq(str),
    artifacts: any,
    browserstack: any,
    chrome: str,
    code_climate: any,
    coverity_scan: any,
    firefox: str,
    homebrew: any,
    hostname: str,
    hosts: seq(str),
    jwt: any,
    mariadb: str,
    pkg: any,
    postgresql: str,
    rethinkdb: str,
    sauce_connect: any,
    snaps: any,
    sonarcloud: map(
      { enabled: bool, organization: str, token: secret, github_token: secret, branches: seq(str) },
      { toggle: 'enabled', open: any },
    ),
    srcclr: any,
    ssh_known_hosts: seq(maybeSecure),
    timeout: num,
  },
  {
    aliases: {
      postgres: 'postgresql',
      snap: 'snaps',
      jwts: 'jwt',
      ssh_known_host: 'ssh_known_hosts',
    },
  },
);
