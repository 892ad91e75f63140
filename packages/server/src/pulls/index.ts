import { SluiceError } from '../errors.ts';
import type { PullDiff } from '../git/pulls/types.ts';
import type { Secrets } from '../secrets/index.ts';
import type { Topics } from '../store/index.ts';
import type { PullRequestCommentRow } from '../store/schema/pull-requests.ts';
import { createTurns } from '../turns.ts';
import { approve } from './approve.ts';
import { takeAnswer, takeBuild } from './builds.ts';
import { tellCarried } from './carried.ts';
import { createChores } from './chores.ts';
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
import { fetchMissingHeads, takeIn } from './outside.ts';
import { createPreviews, type PreviewDoors, type Previews } from './previews/index.ts';
import { type PullSettings, readSettings, writeSettings } from './settings.ts';
import { createStatusOutbox } from './statuses/outbox.ts';
import {
  recentDeployments,
  statusOfBuild,
  statusOfDeployment,
  statusOfWaiting,
} from './statuses/sources.ts';
import { createStatusTargets } from './statuses/targets.ts';
import { testAgain } from './test-again.ts';

export type { MergeMethod, PullDiff } from '../git/pulls/types.ts';
export type { PullRequestCommentRow as PullComment } from '../store/schema/pull-requests.ts';
export type { Actor, Pull, PullsDeps } from './context.ts';
export type { MergeWish } from './merge.ts';
export type { NewPull, PullChange } from './open.ts';
export type { Preview, PreviewDoors } from './previews/index.ts';
export type { PullSettings } from './settings.ts';
export { isOvertaken } from './test-again.ts';

export interface PullFilter {
  readonly repositoryUuids: readonly string[];
  /** open | merged | closed; absent: all. */
  readonly state?: string;
  readonly number?: number;
  readonly offset: number;
  readonly limit: number;
}

/** Pull requests of hosted repositories, and what Sluice knows of those elsewhere. */
export interface Pulls {
  /** Takes up messages, those from before a crash first. */
  start(): void;
  stop(): Promise<void>;
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
  /** Builds the merge with the base as it is now, though its head was built before. */
  testAgain(uuid: string): Promise<Pull>;
  diff(uuid: string): Promise<PullDiff>;
  comments(uuid: string): Promise<PullRequestCommentRow[]>;
  comment(uuid: string, by: Actor | null, body: string): Promise<PullRequestCommentRow>;
  readonly settings: {
    of(repositoryUuid: string): Promise<PullSettings>;
    change(repositoryUuid: string, change: Partial<PullSettings>): Promise<void>;
  };
  readonly previews: Pick<Previews, 'of' | 'variables'>;
  /** Where commit statuses of a repository go. */
  readonly statusTargets: ReturnType<typeof createStatusTargets>;
}

export interface PullsOptions extends PullsDeps {
  readonly secrets: Pick<Secrets, 'seal' | 'open'>;
  readonly previews: PreviewDoors;
  /** Whether commit statuses may go to hosts in local networks. */
  readonly localNetworks: boolean;
  /** How often what failed, or grew old, is looked at; default: a minute. */
  readonly choresMs?: number;
}

const CHORES_MS = 60_000;

export function createPulls(deps: PullsOptions): Pulls {
  const turns = createTurns();
  const context: Context = {
    ...{ store: deps.store, git: deps.git, publicUrl: deps.publicUrl, turns },
    now: () => (deps.now?.() ?? new Date()).toISOString(),
    onError: deps.onError ?? (() => undefined),
  };
  const { store, git } = context;
  const previews = createPreviews(context, deps.secrets, deps.previews);
  const outbox = createStatusOutbox(context, deps.secrets, deps.localNetworks);
  const statusTargets = createStatusTargets(store, deps.secrets, outbox, context.now);
  let stops: (() => Promise<void>)[] = [];
  let stopListening = () => {};

  const changed = async (uuid: string | null): Promise<void> => {
    if (uuid === null) return;
    const pull = await readPull(context, uuid);
    const status = pull === null ? null : await statusOfWaiting(context, pull);
    if (pull !== null && status !== null) await outbox.put(pull.repository_uuid, status);
    // What fails here is done by the next round of chores; the messages behind this one must not wait for it.
    await previews
      .follow(uuid)
      .catch((error: unknown) => context.onError(error, `the preview of pull request ${uuid}`));
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
    changed(uuid).catch(() => undefined);
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

  const openPulls = async (): Promise<string[]> => {
    const rows = await store.db
      .selectFrom('pull_requests')
      .select('uuid')
      .where('state', '=', 'open')
      .execute();
    return rows.map(({ uuid }) => uuid);
  };

  /** Those that are to be merged when they are green: what a crash kept from following their builds. */
  const waitingPulls = async (): Promise<string[]> => {
    const rows = await store.db
      .selectFrom('pull_requests')
      .select('uuid')
      .where('state', '=', 'open')
      .where('merge_when_green', 'is not', null)
      .execute();
    return rows.map(({ uuid }) => uuid);
  };

  const tellDeployment = async (uuid: string): Promise<void> => {
    const found = await statusOfDeployment(context, uuid);
    if (found !== null) await outbox.put(found.repositoryUuid, found.status);
  };

  const chores = createChores(
    context,
    [
      {
        name: 'fetching heads of pull requests',
        run: async () => {
          for (const uuid of await fetchMissingHeads(context)) await changed(uuid);
        },
      },
      {
        name: 'merging what is green by now',
        run: async () => {
          for (const uuid of await waitingPulls()) await afterBuild(uuid);
        },
      },
      { name: 'removing old previews', run: previews.expire },
      {
        name: 'previews of pull requests',
        run: async () => {
          for (const uuid of [...(await openPulls()), ...(await previews.ofEnded())]) {
            await changed(uuid);
          }
        },
      },
    ],
    { everyMs: deps.choresMs ?? CHORES_MS, channel: 'pulls:chores' },
  );
  const afterDeployments = createChores(
    context,
    [
      { name: 'telling which deployment carried a pull request', run: () => tellCarried(context) },
      {
        name: 'statuses of deployments',
        run: async () => {
          for (const uuid of await recentDeployments(context)) await tellDeployment(uuid);
        },
      },
    ],
    { everyMs: deps.choresMs ?? CHORES_MS, channel: 'pulls:deployments' },
  );

  return {
    start: () => {
      chores.start();
      afterDeployments.start();
      outbox.start();
      // Only to be quick: the chores find whatever is missed here.
      stopListening = store.changes.on(({ kind }) => {
        if (kind === 'deployment') store.events.emit('pulls:deployments');
      });
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
          async (build) => {
            const status = await statusOfBuild(context, build);
            if (status !== null) await outbox.put(build.repositoryUuid, status);
            await afterBuild(await takeBuild(context, build));
          },
          trouble,
        ),
      ];
    },
    stop: async () => {
      stopListening();
      await Promise.all([
        chores.stop(),
        afterDeployments.stop(),
        outbox.stop(),
        ...stops.map((stop) => stop()),
      ]);
      await turns.settled();
      await previews.settled();
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
    testAgain: (uuid) => act(uuid, () => testAgain(context, uuid)),
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
      change: async (repositoryUuid, change) => {
        await writeSettings(context, repositoryUuid, change);
        store.events.emit('pulls:chores');
      },
    },
    previews: { of: previews.of, variables: previews.variables },
    statusTargets,
  };
}
