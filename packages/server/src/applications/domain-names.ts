import { isIP } from 'node:net';
import { domainToASCII, domainToUnicode } from 'node:url';
import { fieldError } from './names.ts';

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * A host name as it is kept and routed: lower case, in its ASCII form, without a dot at the end.
 * @throws SluiceError `invalid`, field `name`, with what is wrong and what to type instead
 */
export function readDomainName(text: string): string {
  const typed = text.trim().replace(/\.$/, '');
  if (typed === '') throw wrong('Type a host name, such as www.example.com.');
  if (typed.includes('*')) {
    throw wrong('Wildcards are not possible: add every host name by itself.');
  }
  if (/[/:@?#\s\\]/.test(typed)) {
    throw wrong('Type the host name alone, without http://, port or path.');
  }
  const name = domainToASCII(typed);
  if (isIP(typed) !== 0 || isIP(name) !== 0) {
    throw wrong('An address is not a host name: type a name that leads to it.');
  }
  const labels = name.split('.');
  if (name.length > 253 || !labels.every((label) => LABEL.test(label))) {
    throw wrong(
      'This is no host name: use letters, digits and inner hyphens, with dots between the parts.',
    );
  }
  if (labels.length < 2) throw wrong('Type the whole name, such as www.example.com.');
  return name;
}

/** As people write it: `xn--bcher-kva.example` is `bücher.example`. */
export const readableDomainName = (name: string): string => domainToUnicode(name) || name;

/**
 * Refuses the names under which the installation itself answers: whoever had them could take over the sign-in of others.
 * `own` are host names of the server; everything below `appDomain` belongs to environments already.
 */
export function refuseOwnNames(name: string, appDomain: string, own: readonly string[]): void {
  const isBelow = (domain: string) => name === domain || name.endsWith(`.${domain}`);
  if (own.some((host) => name === host.toLowerCase())) {
    throw wrong(`${name} is the address of this installation itself.`);
  }
  if (isBelow(appDomain.toLowerCase()) || isBelow('localhost')) {
    throw wrong(
      `Names below ${appDomain} are given to environments by the installation: use a name of your own.`,
    );
  }
}

const wrong = (text: string) => fieldError('name', text);
