import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { SluiceError } from '../../errors.ts';
import type { Context } from './context.ts';
import { isFromEdge } from './edge.ts';
import type { ClientFacts } from './headers.ts';

/**
 * The addresses and networks (`10.0.0.0/8`) of proxies in front of the router.
 * @throws SluiceError `invalid` where one is neither.
 */
export function trustedProxies(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', prefix] = text.split('/');
    const family = isIP(address);
    const bits = prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix);
    if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 4 ? 32 : 128)) {
      throw new SluiceError('invalid', `${text} is neither an address nor a network.`, {
        reason: 'bad_trusted_proxy',
        remedy: 'Write trusted proxies as 192.0.2.7 or 192.0.2.0/24.',
      });
    }
    list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** Who asks, from the connection itself. `hostHeader` as it was checked by `target.ts`. */
export function clientFacts(
  request: IncomingMessage,
  hostHeader: string,
  { trustedProxies: trusted, edge }: Pick<Context, 'trustedProxies' | 'edge'>,
): ClientFacts {
  const { remoteAddress = '', localPort = 0 } = request.socket;
  // A listener on `::` sees IPv4 clients in this form, which applications do not expect.
  const address = remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress;
  const isTrusted =
    isFromEdge(request, edge) ||
    (trusted.rules.length > 0 && trusted.check(address, address.includes(':') ? 'ipv6' : 'ipv4'));
  return { address, isTrusted, host: hostHeader, port: localPort };
}
