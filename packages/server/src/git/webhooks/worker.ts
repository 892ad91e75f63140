import { SluiceError } from '../../errors.ts';
import type { Store } from '../../store/index.ts';
import type { PullRequestMessage } from '../../store/messages.ts';
import type { Mirrors } from '../mirrors/types.ts';
import { ABSENT, type History } from '../types.ts';
import type { Deliveries, WaitingDelivery } from './deliveries.ts';
import type { HookEvent, PullRequestEvent } from './types.ts';

export interface WorkerDeps {
  readonly store: Store;
  readonly deliveries: Deliveries;
  /** By a fetch that begins after the call. */
  readonly fetch: (repositoryUuid: string) => Promise<void>;
  readonly fetchFork: Mirrors['fetchFork'];
  readonly history: (repositoryUuid: string) => History;
  readonly days: number;
  readonly onError: (error: unknown, context: string) => void;
}

const LOOK_MS = 1_000;
const PRUNE_MS = 600_000;
const AT_ONCE = 200;
/** The longest rest between two fetches of a repository whose webhooks come without a pause. */
const LONGEST_REST_MS = 1_000;
const RETRY_MS = [1_000, 2_000, 5_000, 15_000, 60_000, 300_000, 900_000] as const;
/** Some hosts send the webhook a moment before their git server shows the commit. */
const TRIES_FOR_A_COMMIT = 4;

/**
 * Does what deliveries ask for: one fetch for all pushes of a repository that wait, and messages about pull requests.
 * Repositories do not wait for each other. What is not done yet stands in the rows and survives a restart.
 */
export function createWorker(deps: WorkerDeps) {
  const { store, deliveries } = deps;
  const running = new Map<string, Promise<void>>();
  const wokenAgain = new Set<string>();
  const resting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let pruned = 0;
  let stopped = false;

  const settle = async (
    rows: readonly WaitingDelivery[],
    state: 'done' | 'failed',
    result: string,
  ): Promise<void> => {
    const ids = rows.map((row) => row.id);
    await deliveries.settle(store.db, ids, { state, result });
  };

  const retry = async (rows: readonly WaitingDelivery[], why: string): Promise<void> => {
    for (const row of rows) {
      const pause = RETRY_MS[row.attempts];
      if (pause === undefined) {
        await settle([row], 'failed', `${why} It was tried ${row.attempts + 1} times.`);
        continue;
      }
      await deliveries.settle(store.db, [row.id], {
        attempts: row.attempts + 1,
        next_attempt_at: Date.now() + pause,
        result: `${why} It is tried again in ${pause / 1_000} s.`,
      });
    }
  };

  const handOn = async (
    row: WaitingDelivery,
    events: readonly PullRequestEvent[],
  ): Promise<void> => {
    await store.transaction(async (trx) => {
      for (const event of events) {
        const { kind: _kind, ...fields } = event as PullRequestEvent & { kind?: string };
        await store.messages.publish(trx, 'pull_request', {
          ...fields,
          repositoryUuid: row.repository_uuid,
          provider: row.provider as PullRequestMessage['provider'],
        });
      }
      const [first] = events;
      const result = `Pull request ${first?.number}: ${first?.action}.`;
      await deliveries.settle(trx, [row.id], { state: 'done', result });
    });
  };

  /** Completes abbreviated commits and brings those of forks, which takes a fetch; text: why it cannot be, at least not yet. */
  const complete = async (
    repositoryUuid: string,
    event: PullRequestEvent,
  ): Promise<PullRequestEvent | string> => {
    const { number, head } = event;
    const isOver = event.action === 'closed' || event.action === 'merged';
    const history = deps.history(repositoryUuid);
    const whole = async () => {
      const found = await history.resolve(head.sha);
      return 'sha' in found ? { ...event, head: { ...head, sha: found.sha } } : null;
    };
    const here = await whole();
    if (here !== null) return here;
    if (isOver)
      return head.sha.length === 40 ? event : { ...event, head: { ...head, sha: ABSENT } };
    const missing = `The commit ${head.sha} of pull request ${number} is not here`;
    if (!head.isFork) return `${missing}.`;
    if (head.url === undefined) return `${missing}; this host does not share the commits of forks.`;
    try {
      await deps.fetchFork(repositoryUuid, { url: head.url, branch: head.ref, number });
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      return `${missing}. Its host keeps the commits of a fork in the fork alone, and that could not be read without a credential: ${words} Make the fork public, or push its branch to the repository itself.`;
    }
    return (await whole()) ?? `${missing}, and neither on the branch ${head.ref} of its fork.`;
  };

  const processPullRequests = async (row: WaitingDelivery, events: readonly PullRequestEvent[]) => {
    const whole: PullRequestEvent[] = [];
    for (const event of events) {
      const completed = await complete(row.repository_uuid, event);
      if (typeof completed === 'string') {
        if (row.attempts >= TRIES_FOR_A_COMMIT) await settle([row], 'failed', completed);
        else await retry([row], completed);
        return;
      }
      whole.push(completed);
    }
    await handOn(row, whole);
  };

  const processRepository = async (repositoryUuid: string): Promise<void> => {
    const rows = await deliveries.waiting(repositoryUuid, Date.now(), AT_ONCE);
    const read = rows.map((row) => ({ row, events: JSON.parse(row.events) as HookEvent[] }));
    // Before the fetch: a host whose git is down still tells that a pull request was closed.
    for (const { row, events } of read) {
      const pulls = events.filter((event) => event.kind === 'pull_request');
      if (pulls.length > 0 && pulls.every(isWhole)) {
        await handOn(row, pulls);
      }
    }
    const rest = read.filter(({ events }) => needsFetch(events));
    if (rest.length === 0) return;
    const waiting = rest.map(({ row }) => row);
    try {
      await deps.fetch(repositoryUuid);
    } catch (error) {
      if (stopped) return;
      const isGone = error instanceof SluiceError && error.code === 'not_found';
      const words = error instanceof Error ? error.message : String(error);
      if (isGone) await settle(waiting, 'failed', words);
      else await retry(waiting, words);
      return;
    }
    const pushes: Read[] = [];
    for (const { row, events } of rest) {
      const pulls = events.filter((event) => event.kind === 'pull_request');
      if (pulls.length > 0) await processPullRequests(row, pulls);
      else pushes.push({ row, events });
    }
    await settlePushes(repositoryUuid, pushes);
  };

  /** After the fetch. A burst of them costs one question to git and one write. */
  const settlePushes = async (repositoryUuid: string, pushes: readonly Read[]): Promise<void> => {
    const told = new Set(pushes.flatMap(({ events }) => objectsOf(events)));
    const here = await presentObjects(deps.history(repositoryUuid), [...told]);
    const fetched: WaitingDelivery[] = [];
    for (const { row, events } of pushes) {
      const missing = objectsOf(events).filter((sha) => !here.has(sha));
      if (missing.length === 0) fetched.push(row);
      else if (row.attempts < TRIES_FOR_A_COMMIT) {
        await retry([row], `The host does not show ${missing[0]} yet.`);
      } else {
        const absent = `${missing.join(', ')} is not there; it may have been replaced meanwhile`;
        await settle([row], 'done', `Fetched, but ${absent}.`);
      }
    }
    await settle(fetched, 'done', 'Fetched.');
  };

  const begin = (repositoryUuid: string): void => {
    if (stopped || resting.has(repositoryUuid)) return;
    if (running.has(repositoryUuid)) {
      // What came since it began may need another fetch.
      wokenAgain.add(repositoryUuid);
      return;
    }
    const begun = Date.now();
    const done = store.locks
      .hold(`webhooks ${repositoryUuid}`, () => processRepository(repositoryUuid))
      .then(() => undefined)
      .catch((error: unknown) => {
        if (!stopped) deps.onError(error, `webhooks of ${repositoryUuid}`);
      })
      .finally(() => {
        running.delete(repositoryUuid);
        if (!stopped) {
          const change = { kind: 'repository', id: repositoryUuid, application: null } as const;
          store.changes.emit({ ...change, repository: repositoryUuid });
        }
        if (!wokenAgain.delete(repositoryUuid)) return;
        // In a flood it rests for as long as it worked, so that half of the time is left for whoever delivers.
        const rest = Math.min(LONGEST_REST_MS, Date.now() - begun);
        resting.add(repositoryUuid);
        setTimeout(() => {
          resting.delete(repositoryUuid);
          begin(repositoryUuid);
        }, rest).unref();
      });
    running.set(repositoryUuid, done);
  };

  const look = async (): Promise<void> => {
    if (Date.now() - pruned > PRUNE_MS) {
      pruned = Date.now();
      await deliveries.prune(deps.days);
    }
    for (const uuid of await deliveries.waitingRepositories(Date.now())) begin(uuid);
  };

  return {
    start: (): void => {
      const again = () => {
        const done = look()
          .catch((error: unknown) => {
            if (!stopped) deps.onError(error, 'looking for webhooks');
          })
          .finally(() => {
            running.delete('');
            if (!stopped) timer = setTimeout(again, LOOK_MS).unref();
          });
        running.set('', done);
      };
      again();
    },
    /** Something new waits there. */
    wake: begin,
    stop: async (): Promise<void> => {
      stopped = true;
      clearTimeout(timer);
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}

interface Read {
  readonly row: WaitingDelivery;
  readonly events: readonly HookEvent[];
}

const objectsOf = (events: readonly HookEvent[]): string[] =>
  events.flatMap((event) => (event.kind === 'push' && event.after !== null ? [event.after] : []));

/** Nothing of it has to be fetched before it is handed on. */
const isWhole = ({ head }: PullRequestEvent): boolean =>
  head.sha.length === 40 && head.url === undefined;

const needsFetch = (events: readonly HookEvent[]): boolean =>
  events.some(
    (event) => event.kind === 'push' || (event.kind === 'pull_request' && !isWhole(event)),
  );

/** Tags may be objects of their own, which are no commits: those are resolved one by one. */
async function presentObjects(
  history: History,
  shas: readonly string[],
): Promise<ReadonlySet<string>> {
  const commits = new Set(await history.presentAmong(shas));
  for (const sha of shas) {
    if (!commits.has(sha) && 'sha' in (await history.resolve(sha))) commits.add(sha);
  }
  return commits;
}
