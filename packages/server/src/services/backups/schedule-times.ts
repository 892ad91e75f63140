import { Cron } from 'croner';
import { SluiceError } from '../../errors.ts';

const FIELDS = 5;
/** More often, one backup would hardly end before the next. */
const SHORTEST_MS = 10 * 60_000;

/** When a schedule runs next, after `after`. Times are UTC. */
export function nextRun(cron: string, after: Date): Date {
  const next = parse(cron).nextRun(after);
  if (next === null) throw invalid(`"${cron}" never comes.`);
  return next;
}

/** Pure: as it is kept. Throws `invalid` (field `cron`) for what is no schedule, or one that comes more than every ten minutes. */
export function readCron(text: string): string {
  const cron = text.trim().replace(/\s+/g, ' ');
  if (cron.split(' ').length !== FIELDS) {
    throw invalid(
      `"${text}" is no schedule: it has five fields (minute hour day month weekday), such as "0 3 * * *" for every day at 03:00 UTC.`,
    );
  }
  const runs = parse(cron).nextRuns(FIELDS);
  if (runs.length === 0) throw invalid(`"${cron}" never comes.`);
  const gaps = runs.slice(1).map((run, at) => run.getTime() - (runs[at]?.getTime() ?? 0));
  if (gaps.some((gap) => gap < SHORTEST_MS)) {
    throw invalid(`"${cron}" comes more often than every ten minutes.`);
  }
  return cron;
}

function parse(cron: string): Cron {
  try {
    return new Cron(cron, { timezone: 'UTC', paused: true });
  } catch (error) {
    throw invalid(`"${cron}" is no schedule: ${error instanceof Error ? error.message : error}`);
  }
}

const invalid = (text: string): SluiceError =>
  new SluiceError('invalid', text, { fields: { cron: [text] } });
