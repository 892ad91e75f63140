import { bitbucket } from './bitbucket.ts';
import { generic } from './generic.ts';
import { gitea } from './gitea.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import type { Dialect, Provider } from './types.ts';

export const DIALECTS: Readonly<Record<Provider, Dialect>> = {
  ...{ github, gitlab, gitea, bitbucket, generic },
};

/** Forgejo speaks Gitea's dialect and may be named by its own name. */
export function dialectOf(name: string): Dialect | null {
  if (name === 'forgejo') return gitea;
  return Object.hasOwn(DIALECTS, name) ? DIALECTS[name as Provider] : null;
}

/** Which kind of host an address most likely leads to; `generic` when its name does not tell. */
export function guessProvider(url: string): Provider {
  const host = /^(?:[a-z]+:\/\/)?(?:[^@/]*@)?([^:/]+)/i.exec(url)?.[1]?.toLowerCase() ?? '';
  if (/(^|\.)github\./.test(host)) return 'github';
  if (/(^|\.)gitlab\./.test(host)) return 'gitlab';
  if (/(^|\.)bitbucket\./.test(host)) return 'bitbucket';
  if (/(^|\.)(gitea|forgejo|codeberg)\./.test(host)) return 'gitea';
  return 'generic';
}
