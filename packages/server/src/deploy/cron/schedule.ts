import { Cron } from 'croner';

/** A run that is so late is left out: the server was away, and the next one is not far. */
export const LATEST_MS = 10 * 60_000;

/** What is wrong with a schedule, one sentence; null: nothing. Five fields as crontab(5), or a name such as @daily. */
export function problemOf(schedule: string): string | null {
  const text = schedule.trim();
  if (!text.startsWith('@') && text.split(/\s+/).length !== 5) {
    return 'Use five fields (minute, hour, day of month, month, day of week), such as "*/10 * * * *", or @hourly or @daily.';
  }
  try {
    return cronOf(text).nextRun() === null ? 'This time never comes.' : null;
  } catch (error) {
    return `This is not a schedule: ${error instanceof Error ? error.message : error}`;
  }
}

const cronOf = (schedule: string) => new Cron(schedule, { timezone: 'UTC', paused: true });

export const nextRun = (schedule: string, after: Date): Date | null =>
  cronOf(schedule).nextRun(after);

/**
 * When a job was last due: after `since` (its last run, or when its release went live), not in the future and not long ago. Null: it is
 * not due. Of several times that were missed only the last counts. Pure.
 */
export function dueAt(schedule: string, since: Date, now: Date): Date | null {
  const earliest = Math.max(since.getTime(), now.getTime() - LATEST_MS);
  const cron = cronOf(schedule);
  let due: Date | null = null;
  for (let next = cron.nextRun(new Date(earliest)); next !== null && next <= now; ) {
    due = next;
    next = cron.nextRun(next);
  }
  return due;
}
