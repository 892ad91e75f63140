import type { Tool } from '../../toolchains/index.ts';
import type { JobSettings } from '../config.ts';
import type { Step } from '../writer.ts';

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
