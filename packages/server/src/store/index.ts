import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { SluiceError } from '../errors.ts';
import { createDirectoryBlobs, sweepIncoming } from './blobs/directory.ts';
import type { S3Options } from './blobs/s3/types.ts';
import type { Blobs } from './blobs/types.ts';
import { createEventBus, type EventBus } from './bus.ts';
import { type Changes, createChanges, type StoreChange } from './changes.ts';
import { openEmbedded } from './embedded.ts';
import type { Engine, Hearing, Note, Trx, Wire } from './engine.ts';
import { createGroupCommit } from './group-commit.ts';
import type { Held } from './held.ts';
import type { Locks } from './locks.ts';
import { createLogStore, type LogStore } from './logs.ts';
import { createMessages, type Messages } from './messages.ts';
import { migrate } from './migrate.ts';
import type { Database } from './schema/index.ts';
import type { SharedLogOptions } from './shared-logs/index.ts';

export type { S3Options } from './blobs/s3/types.ts';
export type { BlobHealth, Blobs } from './blobs/types.ts';
export type { EventBus } from './bus.ts';
export type { Changes, NumberedChange, StoreChange } from './changes.ts';
export type { Trx } from './engine.ts';
export type { Locks } from './locks.ts';
export type { LogStore } from './logs.ts';
export type { Messages, PullRequestMessage, Topic, Topics } from './messages.ts';
export type { Database } from './schema/index.ts';

/** The only place where state lives. It knows no room. */
export interface Store {
  readonly db: Kysely<Database>;
  /** `postgres` is shared with other servers, `sqlite` belongs to this one. */
  readonly kind: Engine['kind'];
  readonly messages: Messages;
  readonly events: EventBus;
  /** What people may want to see again, for the stream of events. */
  readonly changes: Changes;
  readonly logs: LogStore;
  /** Files of caches and artifacts. */
  readonly blobs: Blobs;
  /** For work that one server at a time may do. */
  readonly locks: Locks;
  /**
   * Runs `work` in one transaction; it commits when `work` resolves and rolls back when it throws. Transactions run one
   * after the other, over all servers of the database. SQLite has one connection here, so `work` must await nothing
   * but its own queries: a query through `db` inside it waits for ever. It may run twice, the first time rolled back.
   */
  transaction<T>(work: (trx: Trx) => Promise<T>): Promise<T>;
  /** As `transaction`, for small work of which much comes at once: it shares its transaction, and may run twice. */
  groupCommit<T>(work: (trx: Trx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Holds `sluice.db` (without `databaseUrl`) and `logs/`; made when it is not there. */
  readonly dataDir: string;
  readonly busyTimeoutMs?: number;
  /** `postgres://user:password@host/name`; empty: the embedded database of the data directory. */
  readonly databaseUrl?: string;
  /** The most connections that are open to PostgreSQL at once, besides two that listen and lock. */
  readonly databaseConnections?: number;
  /**
   * The bucket that logs, caches and artifacts are kept in; null: the data directory. Absent: the same, for those who
   * work with rows alone, and need not know the bucket that logs may be in.
   */
  readonly s3?: S3Options | null;
  /** Told when the bucket is in trouble, once each time. */
  readonly onTrouble?: (error: unknown) => void;
}

/** Opens (and if need be makes or migrates) the database. Throws SluiceError that says what to do. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { dataDir } = options;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const engine = await openEngine(options);
  let wire: Wire | null = null;
  const tell = (note: Note) => wire?.tell(note);
  const events = createEventBus((event) => tell({ event }));
  const changes = createChanges(undefined, (change) => tell({ change }));
  const deaf = () => {
    events.wakeAll();
    changes.lose();
  };
  const hear: Hearing['hear'] = (note) => {
    if ('event' in note) events.wake(note.event);
    else if ('change' in note) changes.publish(note.change);
    else deaf();
  };
  try {
    await migrate(engine.db as unknown as Kysely<never>, engine.kind === 'postgres');
    const shared = await engine.share({ hear, deaf });
    const { locks } = shared;
    wire = shared.wire;
    const transaction: Store['transaction'] = async (work) => {
      const kept: { events?: Held<string>; changes?: Held<StoreChange> } = {};
      const result = await engine.transaction(async (trx) => {
        kept.events = events.hold(trx);
        kept.changes = changes.hold(trx);
        const answer = await work(trx);
        const notes = notesOf(kept.events.items, kept.changes.items);
        if (notes.length > 0) await shared.wire.tellIn(trx, notes);
        return answer;
      });
      for (const event of new Set(kept.events?.items)) events.wake(event);
      for (const change of kept.changes?.items ?? []) changes.publish(change);
      kept.events?.release();
      kept.changes?.release();
      return result;
    };
    const groupCommit = createGroupCommit(transaction);
    const kept = await openFiles(options, {
      ...{ db: engine.db, events, locks },
      transaction,
      groupCommit,
    });
    return {
      ...{ db: engine.db, kind: engine.kind, events, changes, locks },
      messages: createMessages(engine.db, events, locks),
      ...{ transaction, groupCommit, logs: kept.logs, blobs: kept.blobs },
      close: async () => {
        await kept.close();
        await shared.wire.close();
        await locks.close();
        await engine.close();
      },
    };
  } catch (error) {
    await engine.close().catch(() => undefined);
    throw error instanceof SluiceError ? error : engine.explain(error);
  }
}

type Rows = Pick<SharedLogOptions, 'db' | 'events' | 'locks' | 'transaction' | 'groupCommit'>;

/** What is kept beside the rows: in the data directory, or in a bucket that several servers share. */
async function openFiles(
  { dataDir, s3, onTrouble = () => undefined }: StoreOptions,
  rows: Rows,
): Promise<{ logs: LogStore; blobs: Blobs; close(): Promise<void> }> {
  const inFiles = createLogStore(join(dataDir, 'logs'), rows.events);
  if (s3 === null || s3 === undefined) {
    if (s3 === null) await refuseWithoutBucket(rows.db);
    await sweepIncoming(dataDir);
    return { logs: inFiles, blobs: createDirectoryBlobs(dataDir), close: async () => undefined };
  }
  // Only who uses it pays for it.
  const [{ openS3Blobs }, { createSharedLogs }] = await Promise.all([
    import('./blobs/s3/index.ts'),
    import('./shared-logs/index.ts'),
  ]);
  const blobs = await openS3Blobs(dataDir, s3, onTrouble);
  const logs = createSharedLogs({ ...rows, blobs, older: inFiles, onTrouble });
  const close = async () => {
    await logs.close();
    await blobs.close();
  };
  return { logs, blobs, close };
}

/** Logs that are in a bucket would look as if they were empty. */
async function refuseWithoutBucket(db: Kysely<Database>): Promise<void> {
  const row = await db.selectFrom('log_streams').select('stream_id').limit(1).executeTakeFirst();
  if (row === undefined) return;
  throw new SluiceError('conflict', 'Logs of this installation are kept in a bucket.', {
    reason: 'bucket_needed',
    remedy:
      'Set blobs to s3 again (with its s3_* settings), or bring them back first: sluice admin move-blobs --to directory.',
  });
}

async function openEngine(options: StoreOptions): Promise<Engine> {
  const { dataDir, busyTimeoutMs = 5_000, databaseUrl = '', databaseConnections = 10 } = options;
  if (databaseUrl === '') return openEmbedded(dataDir, busyTimeoutMs);
  // Only who uses it pays for it.
  const { openPostgres } = await import('./postgres/open.ts');
  return openPostgres(databaseUrl, databaseConnections);
}

function notesOf(events: readonly string[], changes: readonly StoreChange[]): Note[] {
  return [
    ...[...new Set(events)].map((event) => ({ event })),
    ...changes.map((change) => ({ change })),
  ];
}
