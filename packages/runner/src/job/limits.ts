import type { JobLimits } from '@sluice/contract';

export interface LimitWatch {
  /** The job has written something, and its log is `logBytes` long with it. False once that is too much. */
  wrote(logBytes: number): boolean;
  /** While the log's reader is slow the job cannot write; that silence is not its fault. */
  blocked(yes: boolean): void;
  /** From now on only the limit after the verdict applies. */
  verdictKnown(): void;
  stop(): void;
}

/** Watches a job's limits (spec/travis.md 5.7) and calls `exceeded` once, with a sentence for the log. */
export function watchLimits(limits: JobLimits, exceeded: (text: string) => void): LimitWatch {
  let over = false;
  let silenceOff = false;
  let isBlocked = false;
  let silence: NodeJS.Timeout | null = null;
  let total: NodeJS.Timeout | null = null;

  const stop = () => {
    if (silence) clearTimeout(silence);
    if (total) clearTimeout(total);
    silence = null;
    total = null;
  };
  const exceed = (text: string) => {
    if (over) return;
    over = true;
    stop();
    exceeded(text);
  };
  const armSilence = () => {
    if (silence) clearTimeout(silence);
    if (over || silenceOff) return;
    silence = timer(limits.silenceMs, () => {
      if (isBlocked) armSilence();
      else
        exceed(
          `No output has been received in the last ${spoken(limits.silenceMs)}: the job is ended.`,
        );
    });
  };
  armSilence();
  total = timer(limits.totalMs, () =>
    exceed(
      `The job has run longer than the maximum time of ${spoken(limits.totalMs)}: it is ended.`,
    ),
  );

  return {
    wrote(logBytes) {
      if (logBytes > limits.logBytes) {
        exceed(
          `The log has exceeded the maximum log length of ${limits.logBytes} bytes: the job is ended.`,
        );
        return false;
      }
      if (!over && !silenceOff) {
        if (silence) silence.refresh();
        else armSilence();
      }
      return true;
    },
    blocked(yes) {
      isBlocked = yes;
    },
    verdictKnown() {
      if (silenceOff || over) return;
      stop();
      silenceOff = true;
      total = timer(limits.afterVerdictMs, () =>
        exceed(
          `What runs after the test took longer than ${spoken(limits.afterVerdictMs)}: the job is ended, with the result it has.`,
        ),
      );
    },
    stop,
  };
}

/** Node fires timers of more than 24.8 days at once. */
const LONGEST_MS = 2 ** 31 - 1;

function timer(ms: number, fire: () => void): NodeJS.Timeout {
  return setTimeout(fire, Math.min(ms, LONGEST_MS));
}

function spoken(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 120) return `${seconds} seconds`;
  const minutes = Math.round(seconds / 6) / 10;
  return `${minutes} minutes`;
}
