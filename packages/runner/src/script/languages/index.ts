import type { Tool } from '../../toolchains/index.ts';
import { type JobSettings, languageOf, text } from '../config.ts';
import type { Step } from '../writer.ts';
import { go } from './go.ts';
import { java } from './java.ts';
import { nodeJs } from './node-js.ts';
import { c, cpp, generic, php, rust } from './plain.ts';
import { python } from './python.ts';
import { ruby } from './ruby.ts';

/** What a `language:` brings along (spec/travis.md 5.8). */
export interface Language {
  /** Whose versions it chooses from; null: it uses what is there. */
  tool: Tool | null;
  /** Keys of the configuration that name the version, first wins. */
  versionKeys: readonly string[];
  /** Version when the configuration names none. Null: the newest. */
  defaultVersion: string | null;
  /** A file of the repository that names the version when the configuration does not. */
  versionFile: string | null;
  /** Variable that holds the version as given in the job (spec/travis.md 11). */
  versionVariable: string | null;
  /** Commands, without fold or echo, that announce what is used. */
  announce: readonly string[];
  install(config: JobSettings): Step[];
  script(config: JobSettings): Step[];
}

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
