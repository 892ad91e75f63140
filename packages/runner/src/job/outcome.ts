import type { FinishRequest, Verdict } from '@sluice/contract';
import type { JobExit } from '../executors/executor.ts';

export type JobState = FinishRequest['state'];

export interface JobOutcome {
  state: JobState;
  exitCode: number | null;
  /** One sentence when the job did not pass and the log alone does not say why. */
  reason: string | null;
}

/** Why the runner ended a job itself. */
export type Interruption =
  /** Somebody asked for it. */
  | { kind: 'canceled' }
  /** The runner is told to leave, or has lost its lease: the job will be taken up elsewhere. */
  | { kind: 'abandoned' }
  | { kind: 'limit'; text: string };

/** Everything that is known when a job's bash is gone. */
export interface JobEnd {
  exit: JobExit;
  /** The verdict that stands, of this attempt or an earlier one. */
  verdict: Verdict | null;
  interruption: Interruption | null;
  /** What the script said when it ended the job as errored. */
  stopped: string | null;
  /** The phase it was in; null when the script did not even begin. */
  phase: string | null;
}

/** What becomes of a job (spec/travis.md 5.3). A verdict that is known is not taken back, except by a failed deployment. */
export function outcomeOf(end: JobEnd): JobOutcome {
  const { exit, verdict, interruption, stopped, phase } = end;
  const exitCode = exit.code;
  const because = interruptionText(interruption) ?? exit.exceeded;
  if (verdict !== null) {
    if (stopped !== null && verdict === 'passed')
      return { state: 'errored', exitCode, reason: stopped };
    if (phase === 'before_deploy' && because === null && exitCode !== 0) {
      const reason = `before_deploy ended the shell with ${described(exit)}.`;
      return { state: 'errored', exitCode, reason };
    }
    return { state: verdict, exitCode, reason: because };
  }
  if (interruption?.kind === 'canceled') return { state: 'canceled', exitCode, reason: because };
  if (because !== null) return { state: 'errored', exitCode, reason: because };
  if (phase === null) {
    const reason = `The job could not be started (${described(exit)}); the log says more.`;
    return { state: 'errored', exitCode, reason };
  }
  if (stopped !== null) return { state: 'errored', exitCode, reason: stopped };
  if (exitCode === 0) return { state: 'passed', exitCode, reason: null };
  if (exitCode === 1) return { state: 'failed', exitCode, reason: null };
  const reason = `The job's shell ended with ${described(exit)} during ${phase}.`;
  return { state: 'errored', exitCode, reason };
}

function interruptionText(interruption: Interruption | null): string | null {
  if (interruption === null) return null;
  if (interruption.kind === 'limit') return interruption.text;
  return interruption.kind === 'canceled'
    ? 'The job was canceled.'
    : 'The runner had to leave the job.';
}

function described(exit: JobExit): string {
  return exit.signal !== null ? `signal ${exit.signal}` : `exit code ${exit.code}`;
}
