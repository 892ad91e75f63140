import type { Store } from '../../store/index.ts';
import { performingLock } from '../locks.ts';
import type { EngineDeps } from './context.ts';
import type { Runner } from './runner.ts';

const LOOK_MS = 1_000;
/** A deadline that has passed for so long has lost the server that was to wake up for it. */
const OVERDUE_MS = 2_000;

export interface TakeOverDeps {
  readonly engine: EngineDeps;
  readonly runner: Pick<Runner, 'has'>;
  /** Goes on with what an environment's own server has left. */
  readonly recover: (environmentUuid: string) => Promise<void>;
  readonly observe: (environmentUuid: string) => Promise<void>;
}

/**
 * Looks after what other servers of the database were doing when they died: deployments that are said to run though
 * nobody holds their environment, and deadlines that nobody woke up for. Harmless beside a server that is merely slow:
 * the fence decides whose steps count (ordering.md 6).
 */
export function createTakeOver({ engine, runner, recover, observe }: TakeOverDeps) {
  const { store, onError, now } = engine;
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();
  /** The fence of deployments that nobody performed at the last look. */
  let before = new Map<string, number>();

  const look = async (): Promise<void> => {
    const seen = new Map<string, number>();
    for (const { uuid, environment_uuid: environmentUuid, fence } of await running(store)) {
      if (runner.has(uuid)) continue;
      const lock = performingLock(environmentUuid);
      if ((await store.locks.holdIfFree(lock, async () => true)) === null) continue;
      // Between its start and its lock lies a moment: only who is found twice is alone.
      if (before.get(uuid) === fence) await recover(environmentUuid);
      else seen.set(uuid, fence);
    }
    before = seen;
    const overdue = new Date(now() - OVERDUE_MS).toISOString();
    for (const environmentUuid of await forgotten(store, overdue)) await observe(environmentUuid);
  };

  return {
    start: (): void => {
      // A database that one server has to itself loses its only server: the next start takes up everything.
      if (store.kind === 'sqlite') return;
      loop = (async () => {
        while (!stopping.signal.aborted) {
          await store.events.wait('deploy:take-over', LOOK_MS, stopping.signal);
          if (stopping.signal.aborted) return;
          await look().catch((error: unknown) => onError(error, 'looking after other servers'));
        }
      })();
    },
    stop: async (): Promise<void> => {
      stopping.abort();
      await loop;
    },
  };
}

const running = ({ db }: Store) =>
  db
    .selectFrom('deployments')
    .innerJoin('environment_state as e', 'e.environment_uuid', 'deployments.environment_uuid')
    .select(['deployments.uuid', 'deployments.environment_uuid', 'e.fence'])
    .where('deployments.ended_at', 'is', null)
    .where('deployments.running_at', 'is not', null)
    .execute();

async function forgotten({ db }: Store, before: string): Promise<string[]> {
  const rows = await db
    .selectFrom('environment_state')
    .select('environment_uuid')
    .where('wake_at', '<', before)
    .execute();
  return rows.map((row) => row.environment_uuid);
}
