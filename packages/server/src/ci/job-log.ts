import { SluiceError } from '../errors.ts';
import { wholeCharacters } from '../utf8.ts';
import type { Context } from './dependencies.ts';
import type { JobLocks } from './job-locks.ts';
import { isFinal } from './states.ts';

/** The log of one attempt of a job. */
export function streamOf(jobId: number, attempt: number): string {
  return `job-${jobId}-${attempt}`;
}

export interface LogPart {
  /** Whole UTF-8 characters; what is not UTF-8 is shown as U+FFFD. */
  readonly text: string;
  /** In bytes, from the start of the attempt's log. */
  readonly nextOffset: number;
  /** Nothing will follow `nextOffset`. */
  readonly ended: boolean;
  readonly attempt: number;
}

export interface LogPosition {
  readonly offset: number;
  /** Default: the newest attempt. */
  readonly attempt?: number;
  readonly waitMs: number;
  readonly signal?: AbortSignal;
}

/** Where the log of one attempt is. */
export interface JobLogPlace {
  readonly streamId: string;
  readonly attempt: number;
  /** Of the event bus: the job has changed. */
  readonly channel: string;
  /** True when nothing will be written any more, also where no log was ever begun. */
  readonly isOver: () => Promise<boolean>;
}

/** The log of the wanted attempt, default and at most the newest. Throws `not_found`. */
export async function findJobLog(
  context: Context,
  jobId: number,
  wanted?: number,
): Promise<JobLogPlace> {
  const { attempt: newest } = await jobFacts(context, jobId);
  const attempt = Math.min(wanted ?? newest, newest);
  const streamId = streamOf(jobId, attempt);
  const isOver = async () => {
    if (await context.store.logs.isEnded(streamId)) return true;
    const job = await jobFacts(context, jobId);
    if (attempt < job.attempt) return (await context.store.logs.size(streamId)) === 0;
    return isFinal(job.state) && job.neverRan;
  };
  return { streamId, attempt, channel: `job:${jobId}`, isOver };
}

const PART_BYTES = 1_000_000;

/** Reads a job's log from `offset`; waits up to `waitMs` for something new. Throws `not_found`. */
export async function readJobLog(
  context: Context,
  jobId: number,
  position: LogPosition,
): Promise<LogPart> {
  const { store } = context;
  const deadline = Date.now() + position.waitMs;
  for (;;) {
    const stop = new AbortController();
    const signal =
      position.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, position.signal]);
    const job = await jobFacts(context, jobId);
    const attempt = Math.min(position.attempt ?? job.attempt, job.attempt);
    const stream = streamOf(jobId, attempt);
    const remaining = Math.max(0, deadline - Date.now());
    const woken = Promise.race([
      store.events.wait(`log:${stream}`, remaining, signal),
      store.events.wait(`job:${jobId}`, remaining, signal),
    ]);
    const part = await readPart(context, stream, position.offset);
    const over = attempt < job.attempt || isFinal(job.state);
    const ended = part.atEnd && over && (part.ended || job.neverRan);
    if (part.text !== '' || ended || remaining === 0 || position.signal?.aborted) {
      stop.abort();
      return { text: part.text, nextOffset: part.nextOffset, ended, attempt };
    }
    await woken;
    stop.abort();
  }
}

/** All of a job's log as bytes, for plain text readers. The caller goes on from `bytes.length`. */
export async function readJobLogBytes(
  context: Context,
  jobId: number,
  offset: number,
): Promise<Buffer> {
  const job = await jobFacts(context, jobId);
  const { bytes } = await context.store.logs.read(
    streamOf(jobId, job.attempt),
    offset,
    Number.MAX_SAFE_INTEGER,
  );
  return bytes;
}

/** Marks the log of a job that has ended as complete; done again at the next start if the server dies in between. */
export async function endLog(context: Context, locks: JobLocks, jobId: number): Promise<void> {
  await locks.run(jobId, async () => {
    const job = await jobFacts(context, jobId);
    if (!isFinal(job.state)) return;
    await context.store.logs.end(streamOf(jobId, job.attempt));
    await context.store.db
      .updateTable('jobs')
      .set({ log_ended: 1 })
      .where('id', '=', jobId)
      .where('attempt', '=', job.attempt)
      .execute();
  });
}

/** Closes the log of an attempt that was given up, with a last line that says why. */
export async function closeAttempt(
  context: Context,
  locks: JobLocks,
  jobId: number,
  attempt: number,
  note: string,
): Promise<void> {
  await locks.run(jobId, async () => {
    const stream = streamOf(jobId, attempt);
    if (await context.store.logs.isEnded(stream)) return;
    await context.store.logs.append(stream, `\n\u001b[31;1m${note}\u001b[0m\n`);
    await context.store.logs.end(stream);
  });
}

async function jobFacts(context: Context, jobId: number) {
  const job = await context.store.db
    .selectFrom('jobs')
    .select(['attempt', 'state', 'started_at'])
    .where('id', '=', jobId)
    .executeTakeFirst();
  if (job === undefined) throw new SluiceError('not_found', `There is no job ${jobId}.`);
  return { attempt: job.attempt, state: job.state, neverRan: job.started_at === null };
}

async function readPart(context: Context, stream: string, wanted: number) {
  const { logs } = context.store;
  // A follower whose job was put back holds an offset of the longer, older log: it starts again.
  const size = await logs.size(stream);
  const offset = wanted > size ? 0 : wanted;
  const read = await logs.read(stream, offset, PART_BYTES);
  const reachesEnd = offset + read.bytes.length >= read.size;
  const { text, length } = wholeCharacters(read.bytes, read.ended && reachesEnd);
  const nextOffset = offset + length;
  return { text, nextOffset, ended: read.ended, atEnd: nextOffset >= read.size };
}
