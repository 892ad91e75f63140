import { SluiceError } from '../../errors.ts';

export type Protocol = 'https' | 'http' | 'ssh' | 'git';

/** The address of an outside repository, taken apart. */
export interface RemoteAddress {
  readonly protocol: Protocol;
  /** Lower case; an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number;
  /** Null where the address names none. */
  readonly user: string | null;
  /** With its leading slash; of `git@host:a/b` too. */
  readonly path: string;
  /** As it was given, and as git gets it. */
  readonly text: string;
}

const PORTS: Readonly<Record<Protocol, number>> = { https: 443, http: 80, ssh: 22, git: 9418 };

// Strict on purpose: where git, curl and this file could read an address differently, it is refused.
const HOST = String.raw`(?<host>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])`;
const USER = '(?:(?<user>[A-Za-z0-9._~+][A-Za-z0-9._~+-]*)@)?';
const URL_FORM = new RegExp(
  String.raw`^(?<protocol>https|http|ssh|git)://${USER}${HOST}(?::(?<port>\d{1,5}))?(?<path>/[^\\?#]+)$`,
  'u',
);
const SCP_FORM = new RegExp(String.raw`^${USER}${HOST}:(?<path>[^\\:/-][^\\:]*)$`, 'u');

/**
 * Takes the address of an outside repository apart. Programs (`ext::`), options (a leading dash), paths of this machine
 * and passwords inside of it are refused. Throws `invalid`.
 */
export function parseAddress(text: string, protocols: readonly string[]): RemoteAddress {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be refused
  if (text === '' || /[\x00-\x20\x7f]/.test(text)) throw refusal('it is empty or contains blanks');
  if (text.length > 2_000) throw refusal('it is too long');
  if (text.startsWith('-')) throw refusal('it starts with a dash');
  if (/^[^/]*::/.test(text)) throw refusal('it names a helper program');
  if (/^[a-z]+:\/\/[^/@]*:[^/@]*@/i.test(text)) {
    throw refusal('it contains a password; give that on its own, so that it is kept sealed');
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
  if (scheme !== undefined && !protocols.includes(scheme)) {
    throw refusal(`only ${protocols.join(', ')} can be used here`);
  }
  const match = scheme === undefined ? SCP_FORM.exec(text) : URL_FORM.exec(text);
  const { protocol = 'ssh', host, port, user, path } = match?.groups ?? {};
  if (host === undefined || path === undefined) throw refusal('it is not an address of that kind');
  if (!isProtocol(protocol) || !protocols.includes(protocol)) {
    throw refusal(`only ${protocols.join(', ')} can be used here`);
  }
  if (/^http/.test(protocol) && !URL.canParse(text)) throw refusal('its host is none');
  const number = port === undefined ? PORTS[protocol] : Number(port);
  if (number < 1 || number > 65_535) throw refusal('its port is none');
  if (path.includes('/-')) throw refusal('a part of its path starts with a dash');
  return {
    protocol,
    host: host.replace(/^\[|\]$/g, '').toLowerCase(),
    port: number,
    user: user ?? null,
    path: path.startsWith('/') ? path : `/${path}`,
    text,
  };
}

/** `group/name` of a path, the way hosts write it in webhooks: no `.git`, no slash at the ends, lower case. */
export function fullNameOf(path: string): string {
  return path
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/i, '')
    .toLowerCase();
}

function isProtocol(text: string): text is Protocol {
  return Object.hasOwn(PORTS, text);
}

function refusal(why: string): SluiceError {
  return new SluiceError('invalid', `The repository's address cannot be used: ${why}.`, {
    reason: 'address_refused',
    fields: { url: [`${why[0]?.toUpperCase()}${why.slice(1)}.`] },
    remedy: 'Use https://host/path.git or ssh://user@host/path.git.',
  });
}
