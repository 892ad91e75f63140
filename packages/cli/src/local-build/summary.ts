import { table } from '../ui/table.ts';
import type { Terminal } from '../ui/terminal.ts';
import { jobNumber, type LocalJob } from './payload.ts';
import { type FinishedJob, mayFail, stateOf } from './run-jobs.ts';

/** One line about a job, for people. */
export function describeJob({ config, title }: LocalJob): string {
  return [config.stage, config.name, title].filter((text) => text).join('  ');
}

/** Prints what became of each job, and of the build. */
export function summarise(terminal: Terminal, finished: readonly FinishedJob[]): void {
  const rows = finished.map(({ job, state, reason, durationMs }) => [
    jobNumber(job),
    job.config.stage ?? '',
    job.config.name ?? job.title,
    mayFail(job.config) && state !== 'passed' ? `${state} (may fail)` : state,
    durationMs === null ? '' : `${(durationMs / 1000).toFixed(1)} s`,
    reason ?? '',
  ]);
  terminal.note('');
  for (const line of table(['JOB', 'STAGE', 'WITH', 'STATE', 'TIME', ''], rows))
    terminal.note(line);
  const state = stateOf(finished);
  terminal.note(
    terminal.styleNote(state === 'passed' ? 'green' : 'red', `The build has ${pastOf(state)}.`),
  );
}

function pastOf(state: string): string {
  return state === 'canceled' ? 'been canceled' : state;
}
