/**
 * The room of the installation's health: it looks and changes nothing. Rows and files it reads itself; what only other
 * rooms know it is given as probes.
 */
import { join } from 'node:path';
import type { SystemHealth } from '@sluice/contract';
import { sizeBelow } from '../files-size.ts';
import type { Store } from '../store/index.ts';
import { checkBackups } from './backups.ts';
import { judgeEdge, readEdge } from './edge.ts';
import { checkDatabase, checkMasterKey, databaseBytes, judgeDisk, readDisk } from './files.ts';
import { createIntegrity } from './integrity.ts';
import { checkStorage } from './storage.ts';
import { ok, type Part, type Probes, worst } from './types.ts';
import {
  checkClock,
  checkNotifications,
  judgeBacklogs,
  judgeExecutors,
  judgeMaintenance,
  judgeQueue,
  readBacklogs,
  readBusy,
  readQueue,
} from './work.ts';

export { LAST_BACKUP } from './backups.ts';
export type { Executor, MaintenanceState, Probes } from './types.ts';
export { bytesText } from './words.ts';

export interface SystemOptions {
  readonly store: Store;
  readonly dataDir: string;
  readonly version: string;
  readonly probes: Probes;
  readonly now?: () => Date;
}

export interface System {
  health(): Promise<SystemHealth>;
}

const PROBE_MS = 3_000;
const SIZES_AGAIN_MS = 10 * 60_000;

export function createSystem(options: SystemOptions): System {
  const { store, dataDir, version, probes, now = () => new Date() } = options;
  const startedAt = now().toISOString();
  // The difference of a clock that people set and one that nobody sets; it changes only when the former is moved.
  const offset = () => now().getTime() - performance.now();
  const startOffset = offset();
  const integrity = createIntegrity(join(dataDir, 'sluice.db'), () => now().getTime());
  const logsSize = remembered(() => sizeBelow(join(dataDir, 'logs')), SIZES_AGAIN_MS);

  const health = async (): Promise<SystemHealth> => {
    const at = now().getTime();
    const executors = [...probes.executors(), ...(await probes.remoteExecutors())];
    const [disk, queue, busy, backlogs, deployments, edge] = await Promise.all([
      readDisk(dataDir),
      readQueue(store),
      readBusy(store),
      readBacklogs(store),
      readDeployments(store),
      readEdge(store, probes.edge()),
    ]);
    const storage =
      store.blobs.kind === 'directory' ? [] : [guarded('storage', () => checkStorage(store, at))];
    const parts: Part[] = await Promise.all([
      guarded('database', () => checkDatabase(store, dataDir, integrity, at)),
      judgeDisk(disk),
      ...storage,
      answers('router', probes.router, 'Applications cannot be reached. Restart Sluice.'),
      answers('supervisor', probes.supervisor, 'Applications run on, but none can be started.'),
      ...(edge === null ? [] : [judgeEdge(edge, at)]),
      judgeExecutors(executors),
      judgeQueue(queue, executors, busy, at),
      judgeBacklogs(backlogs, at),
      judgeMaintenance(probes.maintenance()),
      guarded('notifications', () => checkNotifications(store, at)),
      guarded('clock', () => checkClock(store, at, offset() - startOffset)),
      guarded('master key', () => checkMasterKey(store, dataDir)),
      checkBackups(dataDir, at),
    ]);
    return {
      ...{ status: worst(parts), version, node: process.version, started_at: startedAt },
      parts: parts.map((part) => ({ ...part })),
      queue: {
        ...{ queued: queue.queued, running: queue.running },
        oldest_queued_at: queue.oldestQueuedAt,
      },
      deployments,
      messages: backlogs.map(({ consumer, waiting }) => ({ consumer, waiting })),
      memory_bytes: process.memoryUsage.rss(),
      database_bytes: await databaseBytes(store, dataDir),
      logs_bytes: await logsSize(),
      disk: { free_bytes: disk.freeBytes, total_bytes: disk.totalBytes },
      edge,
      executors: executors.map(({ name, slots, isolates, remote }) => ({
        ...{ name, slots, busy: busy.get(name) ?? 0 },
        sandbox: remote ?? (isolates ? 'bubblewrap' : 'none'),
      })),
    };
  };

  return { health };
}

/** Another process: it answers within a moment, or it does not. */
async function answers(name: string, ask: () => Promise<string>, advice: string): Promise<Part> {
  try {
    return ok(name, await within(ask(), PROBE_MS));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { ...{ name, status: 'failing', detail, advice } };
  }
}

/** A check that breaks says so in its own line instead of hiding all others. */
async function guarded(name: string, check: () => Promise<Part>): Promise<Part> {
  try {
    return await check();
  } catch (error) {
    return {
      ...{ name, status: 'failing', detail: `The check itself failed: ${String(error)}` },
      advice: 'The server’s log may say more.',
    };
  }
}

function within<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('It does not answer.')), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

async function readDeployments({ db }: Store): Promise<{ waiting: number; running: number }> {
  const rows = await db
    .selectFrom('deployments')
    .select(['running_at'])
    .where('ended_at', 'is', null)
    .execute();
  const running = rows.filter((row) => row.running_at !== null).length;
  return { waiting: rows.length - running, running };
}

/** The first answer is waited for; later ones are those of a while ago, made anew behind the reader's back. */
function remembered(read: () => Promise<number>, againMs: number): () => Promise<number> {
  let last: Promise<number> | null = null;
  let readAt = 0;
  return () => {
    if (last !== null && performance.now() - readAt < againMs) return last;
    readAt = performance.now();
    const fresh = read();
    last ??= fresh;
    const known = last;
    fresh.then(
      () => {
        last = fresh;
      },
      () => undefined,
    );
    return known;
  };
}
