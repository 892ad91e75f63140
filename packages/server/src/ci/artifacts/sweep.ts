import { type Context, isoTime } from '../dependencies.ts';

interface Kept {
  readonly id: number;
  readonly blob: string;
}

export interface ArtifactSweeper {
  start(): void;
  stop(): Promise<void>;
  sweep(): Promise<void>;
  /** The files first: a row without a file is looked at again, a file without a row never. */
  remove(rows: readonly Kept[]): Promise<void>;
  /** Files that no row names. */
  discard(blobs: readonly string[]): Promise<void>;
}

const EVERY_MS = 10 * 60_000;
const AT_ONCE = 200;

/** Takes artifacts away when their time is over, or when there are too many; one server at a time. */
export function createArtifactSweeper(context: Context): ArtifactSweeper {
  const { store, artifacts: limits } = context;
  const { db, blobs } = store;
  let timer: NodeJS.Timeout | null = null;
  let working: Promise<unknown> = Promise.resolve();

  const remove: ArtifactSweeper['remove'] = async (rows) => {
    if (rows.length === 0) return;
    await blobs.remove(rows.map((row) => row.blob));
    const ids = rows.map((row) => row.id);
    await db.deleteFrom('ci_artifacts').where('id', 'in', ids).execute();
  };

  const overdue = (): Promise<Kept[]> =>
    db
      .selectFrom('ci_artifacts')
      .select(['id', 'blob'])
      .where('expires_at', '<=', isoTime(context.now()))
      .orderBy('expires_at')
      .limit(AT_ONCE)
      .execute();

  const orphans = (): Promise<Kept[]> =>
    db
      .selectFrom('ci_artifacts')
      .select(['id', 'blob'])
      .where('repository_uuid', 'not in', (query) =>
        query.selectFrom('repositories').select('uuid'),
      )
      .limit(AT_ONCE)
      .execute();

  const tooMany = async (): Promise<Kept[]> => {
    const { bytes } = await db
      .selectFrom('ci_artifacts')
      .select((one) => one.fn.sum<number | null>('size_bytes').as('bytes'))
      .executeTakeFirstOrThrow();
    let over = Number(bytes ?? 0) - limits.totalBytes;
    if (over <= 0) return [];
    const oldest = await db
      .selectFrom('ci_artifacts')
      .select(['id', 'blob', 'size_bytes'])
      .orderBy('id')
      .limit(AT_ONCE)
      .execute();
    const gone: Kept[] = [];
    for (const row of oldest) {
      if (over <= 0) break;
      gone.push(row);
      over -= row.size_bytes;
    }
    return gone;
  };

  const sweep = async (): Promise<void> => {
    for (const find of [overdue, orphans, tooMany]) {
      for (let rows = await find(); rows.length > 0; rows = await find()) await remove(rows);
    }
  };

  return {
    sweep,
    remove,
    discard: (keys) =>
      blobs.remove(keys).catch((error: unknown) => context.onError(error, 'removing an artifact')),
    start: () => {
      const look = () => {
        working = store.locks
          .holdIfFree('sweeping artifacts', sweep)
          .catch((error: unknown) => context.onError(error, 'removing old artifacts'));
      };
      look();
      timer = setInterval(look, EVERY_MS);
      timer.unref();
    },
    stop: async () => {
      if (timer !== null) clearInterval(timer);
      await working;
    },
  };
}
