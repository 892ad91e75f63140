import { startOfFile } from '../limits.ts';
import type { Messages } from '../messages.ts';
import { defaultLanguage } from '../schema/languages.ts';
import { defaultDist } from '../schema/systems.ts';
import type { BuildConfig } from '../types.ts';

/** The configuration with `language`, `os` and `dist` filled in where nobody wrote them (spec 2). */
export function withDefaults(
  config: BuildConfig,
  options: { dist?: string },
  messages: Messages,
): BuildConfig {
  const given = { ...config };
  const add = (key: 'language' | 'os' | 'dist', value: string): void => {
    messages.add('default', 'root', startOfFile, { key, default: value });
    if (key === 'os') given.os = [value];
    else given[key] = value;
  };
  const os = given.os ?? [];
  if (given.language === undefined) add('language', defaultLanguage(os));
  if (os.length === 0) add('os', given.language === 'objective-c' ? 'osx' : 'linux');
  if (given.dist === undefined && given.os?.includes('linux')) {
    add('dist', options.dist ?? defaultDist);
  }
  return given;
}
