import type { Store } from '../store/index.ts';
import { ok, type Part } from './types.ts';
import { bytesText, count, momentsAgo } from './words.ts';

/** The bucket in which logs, caches and artifacts are kept, and what waits for it. */
export async function checkStorage({ blobs, db }: Store, now: number): Promise<Part> {
  const name = 'storage';
  const { place, trouble, waiting } = await blobs.health();
  const { logs } = await db
    .selectFrom('log_streams')
    .select((one) => one.fn.countAll<number>().as('logs'))
    .where('ended_at', 'is not', null)
    .where((one) =>
      one.exists(
        one
          .selectFrom('log_chunks')
          .select('log_chunks.start_byte')
          .whereRef('log_chunks.stream_id', '=', 'log_streams.stream_id'),
      ),
    )
    .executeTakeFirstOrThrow();
  const waits =
    waiting.count === 0 && Number(logs) === 0
      ? 'nothing waits'
      : `${count(waiting.count, 'file')} (${bytesText(waiting.bytes)}) and ${count(Number(logs), 'log')} wait to be sent`;
  if (trouble === null) return ok(name, `The ${place} takes what is given to it; ${waits}.`);
  return {
    ...{ name, status: 'degraded' },
    detail: `${trouble.message} Since ${momentsAgo(Date.parse(trouble.since), now)}; ${waits}.`,
    advice:
      'Builds go on, and what they leave is sent when the storage is back. Until then older logs, caches and artifacts cannot be read.',
  };
}
