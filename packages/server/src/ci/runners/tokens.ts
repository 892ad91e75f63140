import { createHash, randomBytes } from 'node:crypto';

/** `slr_` is a runner's own token, `slg_` lets a runner register. Neither opens anything else. */
type RunnerTokenPrefix = 'slr_' | 'slg_';

/** 32 random bytes: nobody guesses them, so a plain hash is enough to look them up by. */
export const newRunnerToken = (prefix: RunnerTokenPrefix): string =>
  prefix + randomBytes(32).toString('base64url');

export const hashRunnerToken = (token: string): string =>
  createHash('sha256').update(token, 'utf8').digest('hex');

/** The token of an `Authorization` header, if it has that prefix. */
export function tokenIn(header: string | undefined, prefix: RunnerTokenPrefix): string | null {
  const [, token] = /^(?:token|bearer)\s+(\S+)\s*$/i.exec(header ?? '') ?? [];
  return token?.startsWith(prefix) === true ? token : null;
}
