import { SluiceError } from '../../errors.ts';
import type { RemoteAddress } from './address.ts';

/**
 * Pure: whether a fork may be asked for its commits, and with the credential of the repository that it was forked from.
 * That is the credential of one owner: whoever has another fork at the same host must not be sent it. Throws `invalid`.
 */
export function judgeFork(
  base: RemoteAddress,
  fork: RemoteAddress,
): { readonly withCredential: boolean } {
  const isHttp = (address: RemoteAddress) =>
    address.protocol === 'https' || address.protocol === 'http';
  const isSameDoor = fork.protocol === base.protocol && fork.port === base.port;
  // Over ssh the base has a deploy key, which opens no other repository; public forks are read over https.
  const isPublicDoor = !isHttp(base) && fork.protocol === 'https' && fork.port === 443;
  if (fork.host !== base.host || !isHttp(fork) || !(isSameDoor || isPublicDoor)) {
    throw new SluiceError('invalid', `The fork ${fork.text} lies at another host.`, {
      reason: 'fork_elsewhere',
    });
  }
  return { withCredential: isSameDoor && ownerOf(fork) === ownerOf(base) };
}

const ownerOf = ({ path }: RemoteAddress): string => path.split('/')[1]?.toLowerCase() ?? '';
