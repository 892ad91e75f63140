import type { Kysely, Transaction } from 'kysely';
import type { EventBus } from './bus.ts';
import { consumeQueue } from './consume.ts';
import type { Locks } from './locks.ts';
import { createQueue, type QueuedMessage } from './queue.ts';
import type { Database } from './schema/index.ts';

/** What rooms tell each other, and who listens (spec/ordering.md 6). */
export interface Topics {
  /** A reference of a repository moved. `before`/`after` are 40 hex digits; all zeros = absent. */
  push: {
    readonly pushId: number;
    readonly repositoryUuid: string;
    readonly ref: string;
    readonly before: string;
    readonly after: string;
    readonly forced: boolean;
  };
  /** The state of a commit's test changed: a build was made, refused, got its verdict or ended. */
  build: {
    readonly repositoryUuid: string;
    readonly sha: string;
    readonly buildId: number;
    readonly state: string;
  };
  /** A pull or merge request of an outside repository changed; its host told so by a webhook. */
  pull_request: PullRequestMessage;
  /** The merge result of a pull request is to be tested. */
  pull_build: PullBuildMessage;
  /** What became of that wish: a build, or the reason why there is none. */
  pull_build_answer: {
    readonly request: string;
    readonly buildId: number | null;
    /** One sentence. */
    readonly refusal: string | null;
  };
}

/** What the CI service needs to know of a pull request to build it (spec/travis.md 11). */
export interface PullBuildMessage {
  /** Names this wish; the same one makes one build, however often it comes. */
  readonly request: string;
  readonly repositoryUuid: string;
  readonly number: number;
  readonly title: string;
  readonly draft: boolean;
  /** The login of its author. */
  readonly sender: string;
  /** False: from a fork. Decided by where the head was found, never by what somebody wrote. */
  readonly trusted: boolean;
  /** `slug` is `owner/name` of the repository that holds the branch. */
  readonly head: { readonly sha: string; readonly ref: string; readonly slug: string };
  readonly baseRef: string;
  readonly baseSha: string;
  /** The merge result, and the reference under which a job finds it. */
  readonly sha: string;
  readonly ref: string;
}

/** What a host says of a pull request, in one shape for all hosts. Delivered at least once, in the order of arrival. */
export interface PullRequestMessage {
  readonly repositoryUuid: string;
  readonly provider: 'github' | 'gitlab' | 'gitea' | 'bitbucket' | 'generic';
  /** As the host counts them within the repository: GitLab's `iid`, the others' `number` or `id`. */
  readonly number: number;
  /** `updated`: new commits, another title, another base, or ready after a draft. `merged` and `closed` end it. */
  readonly action: 'opened' | 'updated' | 'reopened' | 'closed' | 'merged';
  readonly title: string;
  /** `id` is the host's own and never changes hands; the login may. Both as text. */
  readonly author: { readonly id: string; readonly login: string };
  readonly head: {
    /** 40 hex digits. */
    readonly sha: string;
    /** The branch's name without `refs/heads/`. */
    readonly ref: string;
    /** `owner/name` of the repository that holds the branch; null when it was deleted. */
    readonly repository: string | null;
    /** True also when the head's repository is unknown: only a proven same repository is trusted. */
    readonly isFork: boolean;
    /** Of a fork whose commits its host does not keep with the pull request: where it can be fetched. */
    readonly url?: string;
  };
  /** `sha` is the base branch's head as the host knows it, null where its webhook does not tell. */
  readonly base: { readonly sha: string | null; readonly ref: string };
  /** The page of the pull request at its host. */
  readonly url: string;
  readonly draft: boolean;
  /** When it happened by the host's clock (ISO 8601), or when the delivery arrived. */
  readonly at: string;
}

export type Topic = keyof Topics;

const CONSUMERS: Readonly<Record<Topic, readonly string[]>> = {
  push: ['ci', 'deploy', 'pulls'],
  build: ['deploy', 'pulls'],
  pull_request: ['pulls'],
  pull_build: ['ci'],
  pull_build_answer: ['pulls'],
};

/** Removed in one statement: the one who writes is not to be held up for long. */
const FORGOTTEN_AT_ONCE = 1_000;

export interface Messages {
  /** Writes the message in the transaction that causes it: either both are there or neither. */
  publish<T extends Topic>(trx: Transaction<Database>, topic: T, payload: Topics[T]): Promise<void>;
  /** As `publish`, in the order given. */
  publishAll<T extends Topic>(
    trx: Transaction<Database>,
    topic: T,
    payloads: readonly Topics[T][],
  ): Promise<void>;
  /**
   * Hands every message of `topic` to `handle` at least once, those from before a crash first: those of one
   * repository in order, one after the other; those of several repositories side by side. `handle` must be
   * idempotent. A message whose handler throws is tried again with growing pauses, and the later ones of its
   * repository wait behind it: nobody else does. Returns a function that stops consuming and resolves when the
   * handlers at work have ended.
   */
  consume<T extends Topic>(
    consumer: string,
    topic: T,
    handle: (payload: Topics[T], messageId: number) => Promise<void>,
    onError?: (error: unknown, messageId: number) => void,
  ): () => Promise<void>;
  /** Removes what was heard before `before` (ISO 8601); answers how many. What waits stays, however old. */
  forget(before: string): Promise<number>;
  /** How many messages of any topic wait for `consumer`. */
  waiting(consumer: string): Promise<number>;
}

export function createMessages(db: Kysely<Database>, events: EventBus, locks: Locks): Messages {
  const waiting = async (consumer: string): Promise<number> => {
    const row = await db
      .selectFrom('messages')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('consumer', '=', consumer)
      .where('consumed_at', 'is', null)
      .executeTakeFirstOrThrow();
    return Number(row.count);
  };

  /** The messages of one consumer and topic; the index leads to the oldest. */
  const forgetOf = async (consumer: string, topic: string, before: string): Promise<number> => {
    for (let all = 0; ; ) {
      const { numDeletedRows } = await db
        .deleteFrom('messages')
        .where('id', 'in', (query) =>
          query
            .selectFrom('messages')
            .select('id')
            .where('consumer', '=', consumer)
            .where('topic', '=', topic)
            .where('consumed_at', '<', before)
            .limit(FORGOTTEN_AT_ONCE),
        )
        .executeTakeFirstOrThrow();
      all += Number(numDeletedRows);
      if (numDeletedRows < FORGOTTEN_AT_ONCE) return all;
    }
  };

  const publishAll: Messages['publishAll'] = async (trx, topic, payloads) => {
    if (payloads.length === 0) return;
    const created_at = new Date().toISOString();
    const rows = payloads.flatMap((payload) =>
      CONSUMERS[topic].map((consumer) => ({
        topic,
        consumer,
        payload: JSON.stringify(payload),
        lane: laneOf(payload),
        created_at,
        last_error: null,
        consumed_at: null,
      })),
    );
    await trx.insertInto('messages').values(rows).execute();
    events.emit(`messages:${topic}`, trx);
  };

  return {
    waiting,
    forget: async (before) => {
      let all = 0;
      for (const [topic, consumers] of Object.entries(CONSUMERS))
        for (const consumer of consumers) all += await forgetOf(consumer, topic, before);
      return all;
    },
    publishAll,
    publish: (trx, topic, payload) => publishAll(trx, topic, [payload]),

    consume: (consumer, topic, handle, onError) => {
      const stopping = new AbortController();
      const queue = createQueue(db, consumer, topic);
      const work = (message: QueuedMessage) => handle(JSON.parse(message.payload), message.id);
      // Of several servers one consumes: in order means one after the other.
      const done = locks.lead(`messages ${consumer} ${topic}`, stopping.signal, (ended) =>
        consumeQueue({ queue, events, wakeUp: `messages:${topic}`, work, onError, ended }),
      );
      return async () => {
        stopping.abort();
        await done;
      };
    },
  };
}

/** What has an order of its own: the repository that a message is about, or the wish that it answers. */
const laneOf = (payload: Topics[Topic]): string =>
  'repositoryUuid' in payload ? payload.repositoryUuid : payload.request;
