import { isMap, isScalar, isSeq } from 'yaml';
import type { Json } from '../messages.ts';
import { openDocument, textOf } from './document.ts';

/**
 * Gives a `.travis.yml` one more deploy entry, comments and layout kept. Entries of which `replaces(provider)` holds go;
 * the others stay in front; without an `entry` nothing is added. Providers are as written, lower-case; an entry without one is ''.
 *
 * @throws ConfigError for a file that is no YAML mapping
 */
export function putDeploy(
  text: string,
  entry: { [option: string]: Json } | null,
  replaces: (provider: string) => boolean,
): string {
  const { document } = openDocument(text);
  const present = document.get('deploy', true);
  const entries = isSeq(present) ? present.items : present == null ? [] : [present];
  const kept = entries.filter((one) => !replaces(providerOf(one)));
  const all = entry === null ? kept : [...kept, document.createNode(entry)];
  if (all.length === 0) document.delete('deploy');
  else document.set('deploy', all.length === 1 ? all[0] : document.createNode(all));
  return textOf(document);
}

function providerOf(entry: unknown): string {
  const value = isMap(entry) ? entry.get('provider', true) : entry;
  return isScalar(value) ? String(value.value).toLowerCase() : '';
}
