import type { Selectable } from 'kysely';
import { SluiceError } from '../../errors.ts';
import type { Secrets } from '../../secrets/index.ts';
import type { CommitStatusRow, StatusTargetRow } from '../../store/schema/pull-requests.ts';
import type { Context } from '../context.ts';
import {
  judgeAnswer,
  type Outcome,
  type Status,
  type StatusProvider,
  statusRequest,
} from './hosts.ts';
import { currentSlug } from './moved-slug.ts';
import { postStatus } from './post.ts';

const RETRY_MS = [5_000, 30_000, 120_000, 600_000, 3_600_000];
/** Two days of trying; after that nobody looks at the commit any more. */
const MOST_ATTEMPTS = 52;
const ATTEMPT_MS = 20_000;
const AT_ONCE = 8;
const LOOK_MS = 5_000;

export const sealedFor = (repositoryUuid: string) => `status_target:${repositoryUuid}`;

type Row = Selectable<CommitStatusRow> &
  Pick<StatusTargetRow, 'provider' | 'api_url' | 'slug' | 'token_sealed'>;

/**
 * Brings statuses to their hosts: at least once, the newest state of each context only, with growing pauses between
 * attempts, each host on its own. Nobody ever waits for it.
 */
export function createStatusOutbox(
  context: Context,
  secrets: Pick<Secrets, 'open'>,
  /** Hosts in local networks may be told. */
  allowLocal: boolean,
) {
  const { store } = context;
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  /** Writes the state of a context; what is as it was is not sent again. */
  const put = async (repositoryUuid: string, status: Status): Promise<void> => {
    const { sha, context: name, state, description, targetUrl } = status;
    const now = context.now();
    const said = { state, description, target_url: targetUrl };
    await store.transaction(async (trx) => {
      const before = await trx
        .selectFrom('commit_statuses')
        .select(['state', 'description', 'target_url', 'version'])
        .where('repository_uuid', '=', repositoryUuid)
        .where('sha', '=', sha)
        .where('context', '=', name)
        .executeTakeFirst();
      if (before === undefined) {
        await trx
          .insertInto('commit_statuses')
          .values({
            ...{ repository_uuid: repositoryUuid, sha, context: name, ...said },
            ...{ version: 1, sent_version: 0, attempts: 0, next_at: now, last_error: null },
            ...{ given_up: 0, created_at: now, updated_at: now },
          })
          .execute();
        return;
      }
      const isSame =
        before.state === state &&
        before.description === description &&
        before.target_url === targetUrl;
      if (isSame) return;
      await trx
        .updateTable('commit_statuses')
        .set({ ...said, version: before.version + 1, next_at: now, attempts: 0, updated_at: now })
        .where('repository_uuid', '=', repositoryUuid)
        .where('sha', '=', sha)
        .where('context', '=', name)
        .execute();
    });
    store.events.emit('statuses');
  };

  const due = (): Promise<Row[]> =>
    store.db
      .selectFrom('commit_statuses as s')
      .innerJoin('status_targets as t', 't.repository_uuid', 's.repository_uuid')
      .selectAll('s')
      .select(['t.provider', 't.api_url', 't.slug', 't.token_sealed'])
      .whereRef('s.sent_version', '<', 's.version')
      .where('s.given_up', '=', 0)
      .where('s.next_at', '<=', context.now())
      .orderBy('s.next_at')
      .limit(AT_ONCE)
      .execute();

  const send = async (row: Row): Promise<Outcome> => {
    const request = statusRequest(
      {
        provider: row.provider as StatusProvider,
        apiUrl: row.api_url,
        slug: await currentSlug(store, row.repository_uuid, row.slug),
        token: secrets.open(row.token_sealed, sealedFor(row.repository_uuid)),
      },
      {
        ...{ sha: row.sha, context: row.context, description: row.description },
        ...{ state: row.state as Status['state'], targetUrl: row.target_url },
      },
    );
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(ATTEMPT_MS)]);
    try {
      const answer = await postStatus(request, { allowLocal, signal });
      return judgeAnswer(answer.status, answer.headers, Date.parse(context.now()));
    } catch (error) {
      if (error instanceof SluiceError && error.reason === 'local_network') {
        return { kind: 'give_up', error: `${error.message} ${error.remedy ?? ''}`.trim() };
      }
      // Its words may repeat the address with what stands in it.
      return { kind: 'retry', afterMs: null, error: 'The host did not answer.' };
    }
  };

  const settle = async (row: Row): Promise<void> => {
    const outcome = await send(row);
    if (stopping.signal.aborted) return;
    const attempts = row.attempts + 1;
    const own = RETRY_MS[Math.min(row.attempts, RETRY_MS.length - 1)] ?? 3_600_000;
    const pause = outcome.kind === 'retry' ? (outcome.afterMs ?? own) : 0;
    const failed = outcome.kind === 'sent' ? null : outcome.error;
    const over =
      outcome.kind === 'give_up' || (outcome.kind === 'retry' && attempts >= MOST_ATTEMPTS);
    await store.db
      .updateTable('commit_statuses')
      .set({
        ...{ attempts, last_error: failed, given_up: over ? 1 : 0 },
        next_at: new Date(Date.parse(context.now()) + pause).toISOString(),
        // A newer state may have come meanwhile: then this was not the last.
        ...(outcome.kind === 'sent' ? { sent_version: row.version } : {}),
      })
      .where('repository_uuid', '=', row.repository_uuid)
      .where('sha', '=', row.sha)
      .where('context', '=', row.context)
      .execute();
  };

  const run = async (ended: AbortSignal): Promise<void> => {
    while (!ended.aborted) {
      const woken = store.events.wait('statuses', LOOK_MS, ended);
      try {
        const rows = await due();
        if (rows.length > 0) {
          await Promise.all(rows.map(settle));
          continue;
        }
      } catch (error) {
        context.onError(error, 'sending commit statuses');
      }
      await woken;
    }
  };

  return {
    put,
    /** Of a repository whose token was changed: what was given up is tried again. */
    retry: async (repositoryUuid: string): Promise<void> => {
      await store.db
        .updateTable('commit_statuses')
        .set({ given_up: 0, attempts: 0, next_at: context.now() })
        .where('repository_uuid', '=', repositoryUuid)
        .where('given_up', '=', 1)
        .execute();
      store.events.emit('statuses');
    },
    start: () => {
      // Of several servers one sends.
      loop = store.locks.lead('sending statuses', stopping.signal, run);
    },
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}

export type StatusOutbox = ReturnType<typeof createStatusOutbox>;
