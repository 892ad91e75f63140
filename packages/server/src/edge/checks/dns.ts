import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { EdgeSettings } from '../types.ts';
import { zoneNames } from '../zone.ts';

/** Where a name leads. `nowhere`: it has no address; `unknown`: the DNS did not say. */
export type Answer =
  | { readonly kind: 'found'; readonly addresses: readonly string[] }
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'unknown'; readonly why: string };

export interface Dns {
  addresses(name: string): Promise<Answer>;
  /** The addresses that lead to this installation. */
  own(): Promise<ReadonlySet<string>>;
}

const NO_SUCH = new Set(['ENOTFOUND', 'ENODATA']);

export function createDns(
  settings: Pick<
    EdgeSettings,
    'edgeResolvers' | 'edgeAddresses' | 'edgeZone' | 'edgeHost' | 'appDomain'
  >,
): Dns {
  const resolver = new Resolver({ timeout: 5_000, tries: 2 });
  if (settings.edgeResolvers.length > 0) resolver.setServers(settings.edgeResolvers);

  const addresses = async (name: string): Promise<Answer> => {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const found = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    if (found.length > 0) return { kind: 'found', addresses: found.sort() };
    const troubles = answers.flatMap((one) =>
      one.status === 'rejected' ? [String(one.reason?.code ?? one.reason)] : [],
    );
    const trouble = troubles.find((code) => !NO_SUCH.has(code));
    return trouble === undefined ? { kind: 'nowhere' } : { kind: 'unknown', why: trouble };
  };

  const own = async (): Promise<ReadonlySet<string>> => {
    if (settings.edgeAddresses.length > 0) return new Set(settings.edgeAddresses);
    const here = Object.values(networkInterfaces()).flatMap((cards = []) =>
      cards.filter(({ internal }) => !internal).map(({ address }) => address),
    );
    const names = [...zoneNames(settings.edgeZone).slice(0, 1), settings.appDomain];
    const told = await Promise.all(
      names.filter((name) => name !== 'localhost').map((name) => addresses(name)),
    );
    const listened = isIP(settings.edgeHost) === 0 ? [] : [settings.edgeHost];
    const resolved = told.flatMap((one) => (one.kind === 'found' ? one.addresses : []));
    return new Set([...here, ...listened, ...resolved]);
  };

  return { addresses, own };
}
