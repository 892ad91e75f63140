import { type JobSettings, languageOf, text } from '../config.ts';
import { go } from './go.ts';
import { java } from './java.ts';
import type { Language } from './language.ts';
import { nodeJs } from './node-js.ts';
import { c, cpp, generic, php, rust } from './plain.ts';
import { python } from './python.ts';
import { ruby } from './ruby.ts';

const LANGUAGES: Record<string, Language> = {
  python,
  node_js: nodeJs,
  ruby,
  go,
  rust,
  php,
  java,
  groovy: java,
  scala: java,
  clojure: java,
  kotlin: java,
  c,
  cpp,
};

/** Languages without rules of their own, `generic` and `shell` among them, run only what the file says. */
export function languageRules(config: JobSettings): Language {
  const name = languageOf(config);
  return (Object.hasOwn(LANGUAGES, name) ? LANGUAGES[name] : undefined) ?? generic;
}

/** The version that the job's configuration asks for, as it is written. */
export function versionAsked(config: JobSettings, rules: Language): string | null {
  for (const key of rules.versionKeys) {
    const version = text(config[key]);
    if (version !== null) return version;
  }
  return null;
}
