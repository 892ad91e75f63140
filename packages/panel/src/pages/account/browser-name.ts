import { accountText } from '../../text/account.ts';

// The order matters: Edge and Opera call themselves Chrome besides, and Chrome calls itself Safari.
const BROWSERS = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const;
const SYSTEMS = [
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Mac OS X', 'macOS'],
  ['Windows', 'Windows'],
  ['Linux', 'Linux'],
] as const;

const find = (text: string, names: readonly (readonly [string, string])[]) =>
  names.find(([mark]) => text.includes(mark))?.[1];

/** `Firefox on Linux`, as far as it can be told. */
export function browserName(userAgent: string): string {
  const browser = find(userAgent, BROWSERS);
  const system = find(userAgent, SYSTEMS);
  if (browser === undefined) return accountText.unknownBrowser;
  return system === undefined ? browser : `${browser} on ${system}`;
}
