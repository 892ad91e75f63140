import { setTimeout as delay } from 'node:timers/promises';
import { SluiceError } from '../../errors.ts';
import type { EdgeLogger, EdgeState } from '../types.ts';
import type { CaddyAdmin } from './admin.ts';
import type { CaddyConfig } from './config.ts';

const LOOK_EVERY_MS = 60_000;
/** Between two looks, however often Caddy stirs. */
const LEAST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;

export interface CaddyKeeper {
  state(): EdgeState;
  stop(): void;
}

/**
 * Sees to it that Caddy has its configuration: gives it, and again whenever Caddy comes back without it or someone put
 * another in its place. What Caddy serves meanwhile does not depend on this.
 */
export function keepCaddy(
  admin: CaddyAdmin,
  config: CaddyConfig,
  logger: EdgeLogger,
  now: () => Date = () => new Date(),
): CaddyKeeper {
  const stopping = new AbortController();
  const { signal } = stopping;
  let state: EdgeState = {
    inStep: false,
    since: now().toISOString(),
    problem: 'Caddy was not asked yet.',
  };

  const become = (problem: string | null): void => {
    if (state.problem === problem) return;
    state = { inStep: problem === null, since: now().toISOString(), problem };
    if (problem === null) logger.info({ id: config.id }, 'Caddy has its configuration');
    else logger.warn({ problem }, 'Caddy is not in step');
  };

  const look = async (): Promise<void> => {
    if (!(await admin.holds(config.id))) await admin.apply(config);
    become(null);
  };

  const keep = async (): Promise<void> => {
    for (let failures = 0; !signal.aborted; ) {
      try {
        await look();
        failures = 0;
        await admin.stirs(LOOK_EVERY_MS, signal);
        await pause(LEAST_PAUSE_MS, signal);
      } catch (error) {
        if (signal.aborted) return;
        become(wordsOf(error));
        await pause(Math.min(LONGEST_PAUSE_MS, LEAST_PAUSE_MS * 2 ** failures), signal);
        failures += 1;
      }
    }
  };
  void keep();

  return {
    state: () => state,
    stop: () => {
      stopping.abort();
      admin.close();
    },
  };
}

const pause = (ms: number, signal: AbortSignal) =>
  delay(ms, undefined, { signal, ref: false }).catch(() => undefined);

function wordsOf(error: unknown): string {
  if (!(error instanceof SluiceError)) return String(error);
  return error.remedy === null ? error.message : `${error.message} ${error.remedy}`;
}
