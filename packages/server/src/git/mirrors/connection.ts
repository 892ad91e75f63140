import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { configEnvironment } from '../process.ts';
import type { Protocol, RemoteAddress } from './address.ts';
import { formatKnownHosts, type HostKey, parseKnownHosts } from './known-hosts.ts';

/** What opens the door of a host, in the clear. Lives only as long as one fetch. */
export interface Credentials {
  readonly username: string | null;
  readonly password: string | null;
  readonly privateKey: string | null;
}

export interface Connection {
  /** For every git process of this fetch; holds secrets, so it is never logged. */
  readonly env: Readonly<Record<string, string>>;
  /** The keys that the host has shown by now (ssh). */
  shownKeys(): Promise<HostKey[]>;
  /** Removes the private folder. */
  close(): Promise<void>;
}

export interface ConnectionInput {
  readonly address: RemoteAddress;
  /** As `resolveHost` found them; the connection goes to these and nowhere else. */
  readonly ips: readonly string[];
  readonly credentials: Credentials;
  /** Empty: this host is met for the first time. */
  readonly trusted: readonly HostKey[];
  /** Only to see the key that the host shows: no credential is sent. */
  readonly probe?: boolean;
}

/** Seconds after which a host that drips or falls silent is given up. */
const SILENCE_SECONDS = 30;
const CONNECT_SECONDS = 15;

/** Any name does at GitHub, Gitea and for most tokens; these two want their own. */
const USERNAMES: Readonly<Record<string, string>> = {
  'gitlab.com': 'oauth2',
  'bitbucket.org': 'x-token-auth',
};

/** The user name that goes with a token where nobody gave one. */
export const usernameFor = (
  { host }: Pick<RemoteAddress, 'host'>,
  { username }: Pick<Credentials, 'username'>,
): string => username ?? USERNAMES[host] ?? 'x-access-token';

/** git asks for one thing at a time and reads it from standard output. */
const ASKPASS = `#!/bin/sh
case "$1" in
Username*) printf '%s\\n' "$SLUICE_REMOTE_USERNAME" ;;
*) printf '%s\\n' "$SLUICE_REMOTE_PASSWORD" ;;
esac
`;

/**
 * The environment in which git reaches one host: no credential stands on a command line, in an address or in a
 * configuration file. Keys lie in a folder of their own (0700, files 0600) below `directory` until `close`.
 */
export async function openConnection(
  directory: string,
  input: ConnectionInput,
): Promise<Connection> {
  const { address } = input;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(directory, 'remote-'));
  const knownHosts = join(folder, 'known_hosts');
  try {
    await writeFile(knownHosts, formatKnownHosts(input.trusted), { mode: 0o600 });
    const env =
      address.protocol === 'ssh'
        ? await sshEnvironment(folder, knownHosts, input)
        : await httpEnvironment(folder, input);
    return {
      env: { GIT_ALLOW_PROTOCOL: address.protocol satisfies Protocol, ...env },
      shownKeys: async () => parseKnownHosts(await readFile(knownHosts, 'utf8')),
      close: () => rm(folder, { recursive: true, force: true }),
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function httpEnvironment(
  folder: string,
  { address, ips, credentials }: ConnectionInput,
): Promise<Record<string, string>> {
  const pins = ips.map((ip) => (isIPv4(ip) ? ip : `[${ip}]`)).join(',');
  const config = configEnvironment([
    ...COMMON,
    // A redirect could lead into a local network, and take the token along.
    ['http.followRedirects', 'false'],
    ['http.curloptResolve', `${address.host}:${address.port}:${pins}`],
    ['http.lowSpeedLimit', '500'],
    ['http.lowSpeedTime', String(SILENCE_SECONDS)],
    ['credential.helper', ''],
  ]);
  if (credentials.password === null) return config;
  const askpass = join(folder, 'askpass');
  await writeFile(askpass, ASKPASS, { mode: 0o700 });
  await chmod(askpass, 0o700);
  return {
    ...config,
    GIT_ASKPASS: askpass,
    SLUICE_REMOTE_USERNAME: usernameFor(address, credentials),
    SLUICE_REMOTE_PASSWORD: credentials.password,
  };
}

async function sshEnvironment(
  folder: string,
  knownHosts: string,
  { address, ips, credentials, trusted, probe = false }: ConnectionInput,
): Promise<Record<string, string>> {
  const { privateKey } = credentials;
  const identity = join(folder, 'identity');
  if (privateKey !== null && !probe) await writeFile(identity, privateKey, { mode: 0o600 });
  // One address only fits; IPv4 reaches further where both are there.
  const ip = ips.find(isIPv4) ?? ips[0] ?? address.host;
  const options = [
    ...['BatchMode=yes', 'IdentitiesOnly=yes', 'UpdateHostKeys=no', 'CheckHostIP=no'],
    ...['HashKnownHosts=no', 'ForwardAgent=no', 'PermitLocalCommand=no', 'ClearAllForwardings=yes'],
    ...['GlobalKnownHostsFile=/dev/null', `ConnectTimeout=${CONNECT_SECONDS}`],
    ...['ServerAliveInterval=10', `ServerAliveCountMax=${SILENCE_SECONDS / 10}`],
    `StrictHostKeyChecking=${trusted.length === 0 ? 'accept-new' : 'yes'}`,
    `HostName=${ip}`,
    `HostKeyAlias=${aliasOf(address)}`,
    `PreferredAuthentications=${probe ? 'none' : 'publickey'}`,
    ...(privateKey === null || probe ? ['IdentityFile=none'] : []),
  ];
  const words = ['ssh', '-F', '/dev/null', ...options.flatMap((option) => ['-o', option])];
  // Only these two can hold characters that a shell or ssh would read; both come in by the environment.
  const paths = [
    `-o "UserKnownHostsFile=\\"$SLUICE_KNOWN_HOSTS\\""`,
    ...(privateKey === null || probe ? [] : [`-o "IdentityFile=\\"$SLUICE_IDENTITY\\""`]),
    ...(address.user === null ? ['-l git'] : []),
  ];
  return {
    ...configEnvironment(COMMON),
    GIT_SSH_VARIANT: 'ssh',
    GIT_SSH_COMMAND: [...words, ...paths].join(' '),
    SLUICE_KNOWN_HOSTS: knownHosts.replaceAll('%', '%%'),
    SLUICE_IDENTITY: identity.replaceAll('%', '%%'),
  };
}

/** The name under which a host's keys are remembered. */
export function aliasOf({ host, port }: Pick<RemoteAddress, 'host' | 'port'>): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

const COMMON: readonly (readonly [string, string])[] = [
  ['fetch.fsckObjects', 'true'],
  // Old repositories of well-known projects contain these; they harm nobody here, for nothing is checked out by git.
  ['fetch.fsck.zeroPaddedFilemode', 'ignore'],
  ['fetch.fsck.missingSpaceBeforeDate', 'ignore'],
  ['fetch.fsck.badTimezone', 'ignore'],
  ['fetch.fsck.zeroPaddedDate', 'ignore'],
  ['fetch.unpackLimit', '1'],
  ['protocol.version', '2'],
];
