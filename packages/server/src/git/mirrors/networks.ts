import { lookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { SluiceError } from '../../errors.ts';

/** Networks that are not the internet's: this machine, private and link-local ones, multicast, reserved. */
const LOCAL_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24'],
  ...['203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
];
const LOCAL_IPV6 = [
  ...['::1/128', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8', '2001:db8::/32', '100::/64'],
  // These carry IPv4 addresses inside, which could be any of the above.
  ...['::/96', '::ffff:0:0/96', '64:ff9b::/96', '2002::/16'],
];

// A list of its own for each family: an IPv4 address is also looked for among the IPv6 networks that can hold it.
const blockList = (networks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList => {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
};
const ipv4 = blockList(LOCAL_IPV4, 'ipv4');
const ipv6 = blockList(LOCAL_IPV6, 'ipv6');

/** Whether an IP address lies on this machine or in a network that is not the public internet. */
export function isLocalAddress(ip: string): boolean {
  const family = isIP(ip);
  if (family === 0) return true;
  return family === 6 ? ipv6.check(ip, 'ipv6') : ipv4.check(ip, 'ipv4');
}

/**
 * The addresses of a host, asked for now: the fetch is then bound to exactly these, so that a name that answers
 * differently a moment later (DNS rebinding) leads nowhere else. Throws `invalid` (`local_network`) when one of them is
 * local and that is not allowed, `unavailable` (`unknown_host`) when there is none.
 */
export async function resolveHost(host: string, allowLocal: boolean): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, verbatim: true }).catch((cause: unknown) => {
    throw new SluiceError('unavailable', `The host ${host} is not known.`, {
      reason: 'unknown_host',
      cause,
    });
  });
  const addresses = found.map(({ address }) => address);
  if (!allowLocal && addresses.some(isLocalAddress)) {
    throw new SluiceError('invalid', `The host ${host} lies in a local network.`, {
      reason: 'local_network',
      fields: { url: ['Its host lies in a local network.'] },
      remedy: 'Whoever runs this Sluice can allow that with the setting mirrorLocalNetworks.',
    });
  }
  return addresses;
}

/** For connections of Node itself: a name leads to exactly these addresses, whatever it says a moment later. */
export function pinnedLookup(addresses: readonly string[]): LookupFunction {
  return (_host, options, found) => {
    const all = addresses.map((address) => ({ address, family: isIP(address) }));
    const [first] = all;
    if (options.all === true) found(null, all);
    else found(null, first?.address ?? '', first?.family);
  };
}
