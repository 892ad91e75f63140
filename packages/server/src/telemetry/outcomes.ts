import type { Store } from '../store/index.ts';

/** A build or a deployment that has ended. */
export interface Outcome {
  readonly kind: 'build' | 'deployment';
  /** Number of the build's row, or uuid. */
  readonly id: string;
  /** passed, failed, errored, canceled; or the deployment's status. */
  readonly state: string;
  /** Seconds that it waited, and that it ran; null where it never ran. */
  readonly waited: number | null;
  readonly ran: number | null;
}

/** Ends that are told twice, by a change that comes after the end, count once. */
const REMEMBERED = 5_000;

/** Tells each end that this server hears of. Best effort, for figures: a crash loses what nobody had read by then. */
export function watchOutcomes(
  store: Store,
  tell: (outcome: Outcome) => void,
  onError: (error: unknown, doing: string) => void,
): () => void {
  const told = new Set<string>();
  const look = async (kind: string, id: string): Promise<void> => {
    const key = `${kind} ${id}`;
    if (told.has(key)) return;
    const outcome =
      kind === 'build' ? await endedBuild(store, id) : await endedDeployment(store, id);
    if (outcome === null || told.has(key)) return;
    told.add(key);
    for (const oldest of told) {
      if (told.size <= REMEMBERED) break;
      told.delete(oldest);
    }
    tell(outcome);
  };
  return store.changes.on(({ kind, id }) => {
    if (kind !== 'build' && kind !== 'deployment') return;
    look(kind, id).catch((error: unknown) => onError(error, 'reading an outcome'));
  });
}

async function endedBuild({ db }: Store, id: string): Promise<Outcome | null> {
  const row = await db
    .selectFrom('builds')
    .select(['state', 'created_at', 'started_at', 'finished_at'])
    .where('id', '=', Number(id))
    .where('finished_at', 'is not', null)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    ...{ kind: 'build', id, state: row.state },
    waited: seconds(row.created_at, row.started_at),
    ran: seconds(row.started_at, row.finished_at),
  };
}

async function endedDeployment({ db }: Store, id: string): Promise<Outcome | null> {
  const row = await db
    .selectFrom('deployments')
    .select(['status', 'accepted_at', 'running_at', 'ended_at'])
    .where('uuid', '=', id)
    .where('ended_at', 'is not', null)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    ...{ kind: 'deployment', id, state: row.status },
    waited: seconds(row.accepted_at, row.running_at),
    ran: seconds(row.running_at, row.ended_at),
  };
}

function seconds(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : (Date.parse(to) - Date.parse(from)) / 1_000;
}
