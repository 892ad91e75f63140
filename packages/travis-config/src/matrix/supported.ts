import { supportedLanguages } from '../schema/languages.ts';

/** What decides whether a key has an effect (spec 2). */
export interface Surroundings {
  language: string | undefined;
  os: readonly string[];
}

/** Keys that count on some operating systems only. */
const supportedSystems: { readonly [key: string]: (os: string) => boolean } = {
  arch: (os) => os !== 'osx' && os !== 'windows',
  dist: (os) => os === 'linux' || os === 'linux-ppc64le',
  osx_image: (os) => os === 'osx',
};

/** Why a key has no effect: the language, or the operating system, that does not know it. */
export interface Unsupported {
  on_key: 'language' | 'os';
  on_value: string;
}

/** Null when the key counts. A language or system nobody named supports everything. */
export function unsupported(key: string, { language, os }: Surroundings): Unsupported | null {
  const knowing = Object.hasOwn(supportedLanguages, key) ? supportedLanguages[key] : undefined;
  if (knowing && language !== undefined && !knowing.includes(language)) {
    return { on_key: 'language', on_value: language };
  }
  const supports = Object.hasOwn(supportedSystems, key) ? supportedSystems[key] : undefined;
  const [first] = os;
  if (supports && first !== undefined && !os.some(supports)) {
    return { on_key: 'os', on_value: first };
  }
  return null;
}
