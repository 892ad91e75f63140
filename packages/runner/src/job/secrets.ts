import type { JobPayload } from '@sluice/contract';
import { shellUnquote } from '../masking/index.ts';
import { basicCredential } from '../script/git.ts';

/** Everything that must not appear in the job's log (spec/travis.md 14.4). */
export function secretsOf(payload: JobPayload): string[] {
  const own = payload.filterSecrets
    ? payload.env
        .flatMap((group) => group.vars)
        .filter((variable) => variable.secret)
        .map((variable) => variable.text.slice(variable.text.indexOf('=') + 1))
        .flatMap((value) => [value, shellUnquote(value)])
    : [];
  const { token } = payload.clone;
  return [...payload.secrets, ...own, ...(token === '' ? [] : [token, basicCredential(token)])];
}
