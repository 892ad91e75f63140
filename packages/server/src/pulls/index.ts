import { SluiceError } from '../errors.ts';
import type { PullDiff } from '../git/pulls/types.ts';
import type { Topics } from '../store/index.ts';
import type { PullRequestCommentRow } from '../store/schema/pull-requests.ts';
import { createTurns } from '../turns.ts';
import { approve } from './approve.ts';
import { takeAnswer, takeBuild } from './builds.ts';
import { addComment, listComments } from './comments.ts';
import { type Actor, type Context, type Pull, type PullsDeps, readPull } from './context.ts';
import { follow } from './follow.ts';
import { type MergeWish, mergeIfGreen, mergePullRequest } from './merge.ts';
import {
  changePull,
  closePull,
  type NewPull,
  openPull,
  type PullChange,
  reopenPull,
} from './open.ts';
import { takeIn } from './outside.ts';
import { type PullSettings, readSettings, writeSettings } from './settings.ts';

export type { MergeMethod, PullDiff } from '../git/pulls/types.ts';
export type { Actor, Pull, PullsDeps } from './context.ts';
export type { MergeWish } from './merge.ts';
export type { NewPull, PullChange } from './open.ts';
export type { PullSettings } from './settings.ts';

export interface PullFilter {
  readonly repositoryUuids: readonly string[];
  /** open | merged | closed; absent: all. */
  readonly state?: string;
  readonly number?: number;
  readonly offset: number;
  readonly limit: number;
}

/** Called after a pull request may have changed; previews and statuses follow it. */
export type PullListener = (pullUuid: string) => Promise<void>;

/** Pull requests of hosted repositories, and what Sluice knows of those elsewhere. */
export interface Pulls {
  /** Takes up messages, those from before a crash first. */
  start(): void;
  stop(): Promise<void>;
  /** Listeners are called again for what they threw at. */
  onChange(listener: PullListener): void;
  list(filter: PullFilter): Promise<{ count: number; pulls: Pull[] }>;
  get(uuid: string): Promise<Pull | null>;
  open(input: NewPull, by: Actor): Promise<Pull>;
  change(uuid: string, change: PullChange): Promise<Pull>;
  close(uuid: string, by: Actor): Promise<Pull>;
  reopen(uuid: string): Promise<Pull>;
  merge(uuid: string, wish: MergeWish, by: Actor): Promise<Pull>;
  /** Takes back the wish to merge it when it is green. */
  keepOpen(uuid: string): Promise<Pull>;
  approve(uuid: string, by: Actor): Promise<Pull>;
  diff(uuid: string): Promise<PullDiff>;
  comments(uuid: string): Promise<PullRequestCommentRow[]>;
  comment(uuid: string, by: Actor | null, body: string): Promise<PullRequestCommentRow>;
  readonly settings: {
    of(repositoryUuid: string): Promise<PullSettings>;
    change(repositoryUuid: string, change: Partial<PullSettings>): Promise<void>;
  };
}

export function createPulls(deps: PullsDeps): Pulls {
  const turns = createTurns();
  const context: Context = {
    ...{ store: deps.store, git: deps.git, publicUrl: deps.publicUrl, turns },
    now: () => (deps.now?.() ?? new Date()).toISOString(),
    onError: deps.onError ?? (() => undefined),
  };
  const { store, git } = context;
  const listeners: PullListener[] = [];
  let stops: (() => Promise<void>)[] = [];

  const changed = async (uuid: string | null): Promise<void> => {
    if (uuid === null) return;
    for (const listener of listeners) await listener(uuid);
  };

  const known = async (uuid: string): Promise<Pull> => {
    const pull = await readPull(context, uuid);
    if (pull === null) throw new SluiceError('not_found', 'There is no such pull request.');
    return pull;
  };

  /** What people do: in the repository's turn, and what follows from it is nobody's wait. */
  const act = async (uuid: string, work: (pull: Pull) => Promise<Pull | null>): Promise<Pull> => {
    const { repository_uuid: repositoryUuid } = await known(uuid);
    const after = await turns.take(repositoryUuid, async () => work(await known(uuid)));
    changed(uuid).catch((error: unknown) => context.onError(error, `pull request ${uuid}`));
    return after ?? known(uuid);
  };

  /** Of a repository whose branch `ref` moved: those that come from it or go to it. */
  const touchedBy = async ({ repositoryUuid, ref }: Topics['push']): Promise<string[]> => {
    const branch = /^refs\/heads\/(.+)$/s.exec(ref)?.[1];
    if (branch === undefined) return [];
    const rows = await store.db
      .selectFrom('pull_requests')
      .select('uuid')
      .where('repository_uuid', '=', repositoryUuid)
      .where('state', '=', 'open')
      .where((eb) => eb.or([eb('head_ref', '=', branch), eb('base_ref', '=', branch)]))
      .orderBy('number')
      .execute();
    return rows.map(({ uuid }) => uuid);
  };

  const followPush = async (push: Topics['push']): Promise<void> => {
    for (const uuid of await touchedBy(push)) {
      await turns.take(push.repositoryUuid, () => follow(context, uuid));
      await changed(uuid);
    }
  };

  const afterBuild = async (uuid: string | null): Promise<void> => {
    if (uuid === null) return;
    const pull = await readPull(context, uuid);
    if (pull === null) return;
    await turns.take(pull.repository_uuid, () =>
      mergeIfGreen(context, uuid, (text) => addComment(context, pull, null, text)),
    );
    await changed(uuid);
  };

  return {
    start: () => {
      const { messages } = store;
      const trouble = (error: unknown, id: number) =>
        context.onError(error, `consuming message ${id}`);
      stops = [
        messages.consume('pulls', 'push', followPush, trouble),
        messages.consume(
          'pulls',
          'pull_request',
          async (message) => {
            const { repositoryUuid } = message;
            await changed(await turns.take(repositoryUuid, () => takeIn(context, message)));
          },
          trouble,
        ),
        messages.consume(
          'pulls',
          'pull_build_answer',
          async (answer) => afterBuild(await takeAnswer(context, answer)),
          trouble,
        ),
        messages.consume(
          'pulls',
          'build',
          async (build) => afterBuild(await takeBuild(context, build)),
          trouble,
        ),
      ];
    },
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()));
      await turns.settled();
    },
    onChange: (listener) => {
      listeners.push(listener);
    },

    list: async ({ repositoryUuids, state, number, offset, limit }) => {
      if (repositoryUuids.length === 0) return { count: 0, pulls: [] };
      let query = store.db
        .selectFrom('pull_requests')
        .where('repository_uuid', 'in', repositoryUuids);
      if (state !== undefined) query = query.where('state', '=', state);
      if (number !== undefined) query = query.where('number', '=', number);
      const { count } = await query
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      const pulls = await query
        .selectAll()
        .orderBy('created_at', 'desc')
        .orderBy('number', 'desc')
        .offset(offset)
        .limit(limit)
        .execute();
      return { count: Number(count), pulls };
    },
    get: (uuid) => readPull(context, uuid),
    open: async (input, by) => {
      const pull = await turns.take(input.repositoryUuid, () => openPull(context, input, by));
      await changed(pull.uuid);
      return pull;
    },
    change: (uuid, change) => act(uuid, (pull) => changePull(context, pull, change)),
    close: (uuid, by) => act(uuid, (pull) => closePull(context, pull, by)),
    reopen: (uuid) => act(uuid, (pull) => reopenPull(context, pull)),
    merge: (uuid, wish, by) => act(uuid, () => mergePullRequest(context, uuid, wish, by)),
    keepOpen: (uuid) =>
      act(uuid, async () => {
        await store.db
          .updateTable('pull_requests')
          .set({ merge_when_green: null })
          .where('uuid', '=', uuid)
          .execute();
        return readPull(context, uuid);
      }),
    approve: (uuid, by) => act(uuid, (pull) => approve(context, pull, by)),
    diff: async (uuid) => {
      const { repository_uuid: repository, base_sha: base, head_sha: head } = await known(uuid);
      const history = git.history(repository);
      if (!(await history.present(base)) || !(await history.present(head))) {
        throw new SluiceError('conflict', 'Its commits are not here yet.', {
          reason: 'commits_missing',
          remedy: 'They are fetched as soon as its host answers; try again in a moment.',
        });
      }
      return git.pulls.diff(repository, base, head);
    },
    comments: async (uuid) => listComments(context, (await known(uuid)).uuid),
    comment: async (uuid, by, body) => addComment(context, await known(uuid), by, body),
    settings: {
      of: async (repositoryUuid) => {
        const repository = await git.get(repositoryUuid);
        if (repository === null) throw new SluiceError('not_found', 'There is no such repository.');
        return readSettings(context, repository);
      },
      change: (repositoryUuid, change) => writeSettings(context, repositoryUuid, change),
    },
  };
}
