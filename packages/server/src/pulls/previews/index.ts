import { SluiceError } from '../../errors.ts';
import type { Secrets } from '../../secrets/index.ts';
import type { PreviewRow } from '../../store/schema/pull-requests.ts';
import { createTurns } from '../../turns.ts';
import { addComment, listComments } from '../comments.ts';
import { type Context, type Pull, readPull } from '../context.ts';
import { readSettings } from '../settings.ts';
import { isExpired, makeRoom } from './decide.ts';
import type { PreviewDoors } from './doors.ts';
import { createPreviewVariables } from './variables.ts';

export type { PreviewDoors } from './doors.ts';

/** The environment that shows a pull request. */
export interface Preview {
  readonly environmentUuid: string;
  readonly slug: string;
  readonly url: string;
  readonly since: string;
}

const slugOf = (pull: Pick<Pull, 'number'>) => `pr-${pull.number}`;

/** Environments of their own for pull requests: made when the build passes, moved by pushes, gone with the end. */
export function createPreviews(
  context: Context,
  secrets: Pick<Secrets, 'seal' | 'open'>,
  doors: PreviewDoors,
) {
  const { store, now } = context;
  const turns = createTurns();
  const variables = createPreviewVariables(store, secrets, doors, now);

  const standingOf = (pullUuid: string): Promise<PreviewRow | undefined> =>
    store.db
      .selectFrom('previews')
      .selectAll()
      .where('pull_request_uuid', '=', pullUuid)
      .where('removed_at', 'is', null)
      .executeTakeFirst();

  const remove = async (preview: PreviewRow, reason: string): Promise<void> => {
    await doors.remove(preview.environment_uuid);
    await store.db
      .updateTable('previews')
      .set({ removed_at: now(), removed_reason: reason })
      .where('environment_uuid', '=', preview.environment_uuid)
      .execute();
  };

  /** The same remark is made once, however often it would be true. */
  const remark = async (pull: Pull, text: string): Promise<void> => {
    const before = await listComments(context, pull.uuid);
    if (before.some((comment) => comment.author_uuid === null && comment.body === text)) return;
    await addComment(context, pull, null, text);
  };

  const room = async (pull: Pull, applicationUuid: string, limit: number): Promise<boolean> => {
    const rows = await store.db
      .selectFrom('previews')
      .selectAll()
      .where('application_uuid', '=', applicationUuid)
      .where('removed_at', 'is', null)
      .execute();
    const standing = rows.map((row) => ({
      environmentUuid: row.environment_uuid,
      updatedAt: row.updated_at,
    }));
    const answer = makeRoom(standing, limit, Date.parse(now()));
    if (answer.kind === 'refuse') {
      await remark(
        pull,
        `No preview: the application has ${limit} already, and all were pushed to within a day. ` +
          'Close a pull request, or allow more previews in the settings.',
      );
      return false;
    }
    const goes =
      answer.kind === 'remove'
        ? rows.find((row) => row.environment_uuid === answer.which.environmentUuid)
        : undefined;
    if (goes !== undefined) {
      await remove(goes, 'room');
      const other = await readPull(context, goes.pull_request_uuid);
      if (other !== null) {
        await remark(
          other,
          `The preview made room for that of #${pull.number}. Push to get it again.`,
        );
      }
    }
    return true;
  };

  const make = async (pull: Pull, limit: number): Promise<void> => {
    // One that went for its age, or by hand, comes again with the next push and not before.
    const earlier = await store.db
      .selectFrom('previews')
      .select('environment_uuid')
      .where('pull_request_uuid', '=', pull.uuid)
      .where('head_sha', '=', pull.head_sha)
      .executeTakeFirst();
    if (earlier !== undefined) return;
    const application = await doors.application(pull.repository_uuid);
    if (application === null || !(await room(pull, application.uuid, limit))) return;
    const slug = slugOf(pull);
    const environment = { slug, branch: pull.head_ref };
    // A crash in the middle of this leaves an environment without a row: it is taken up.
    const found = await doors.find(application.uuid, slug);
    const uuid =
      found?.branch === pull.head_ref ? found.uuid : await doors.create(application, environment);
    await variables.fill(application.uuid, uuid);
    await store.db
      .insertInto('previews')
      .values({
        ...{ environment_uuid: uuid, application_uuid: application.uuid },
        ...{ pull_request_uuid: pull.uuid, head_sha: pull.head_sha },
        ...{ created_at: now(), updated_at: now(), removed_at: null, removed_reason: null },
      })
      .execute();
    await show(pull, uuid);
    const url = await doors.url(uuid);
    if (url !== null) await remark(pull, `Preview: ${url}`);
  };

  const show = async (pull: Pull, environmentUuid: string): Promise<void> => {
    await doors.deploy(environmentUuid, pull.head_sha, `preview:${pull.uuid}:${pull.head_sha}`);
    await store.db
      .updateTable('previews')
      .set({ head_sha: pull.head_sha, updated_at: now() })
      .where('environment_uuid', '=', environmentUuid)
      .execute();
  };

  const follow = async (pullUuid: string): Promise<void> => {
    const pull = await readPull(context, pullUuid);
    const repository = pull === null ? null : await context.git.get(pull.repository_uuid);
    if (pull === null || repository === null) return;
    const settings = await readSettings(context, repository);
    const preview = await standingOf(pullUuid);
    const wanted = settings.previews && pull.state === 'open' && pull.is_fork === 0;
    if (!wanted) {
      if (preview !== undefined) await remove(preview, pull.state === 'open' ? 'off' : pull.state);
      return;
    }
    if (pull.build_state !== 'passed' || pull.build_head !== pull.head_sha) return;
    try {
      if (preview === undefined) await make(pull, settings.previewLimit);
      else if (preview.head_sha !== pull.head_sha) await show(pull, preview.environment_uuid);
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      if (error.code === 'not_found' && preview !== undefined) await remove(preview, 'by hand');
      else if (error.code === 'invalid') await remark(pull, `No preview: ${error.message}`);
      else throw error;
    }
  };

  /** Those that nobody pushed to for too long go. */
  const expire = async (): Promise<void> => {
    const rows = await store.db
      .selectFrom('previews')
      .selectAll()
      .where('removed_at', 'is', null)
      .execute();
    for (const row of rows) {
      const pull = await readPull(context, row.pull_request_uuid);
      const repository = pull === null ? null : await context.git.get(pull.repository_uuid);
      if (pull === null || repository === null) {
        await remove(row, 'gone');
        continue;
      }
      const { previewDays } = await readSettings(context, repository);
      const standing = { environmentUuid: row.environment_uuid, updatedAt: row.updated_at };
      if (!isExpired(standing, previewDays, Date.parse(now()))) continue;
      await remove(row, 'expired');
      const days = previewDays === 1 ? 'a day' : `${previewDays} days`;
      await remark(pull, `The preview is gone after ${days} without a push. Push to get it again.`);
    }
  };

  /** Each pull request, and each application's room, is looked at by one at a time. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => turns.take('previews', work);

  return {
    follow: (pullUuid: string) => inTurn(() => follow(pullUuid)),
    expire: () => inTurn(expire),
    /** Pull requests that have ended and are still shown: a crash came in between. */
    ofEnded: async (): Promise<string[]> => {
      const rows = await store.db
        .selectFrom('previews')
        .innerJoin('pull_requests', 'pull_requests.uuid', 'previews.pull_request_uuid')
        .select('pull_requests.uuid')
        .where('previews.removed_at', 'is', null)
        .where('pull_requests.state', '!=', 'open')
        .execute();
      return rows.map(({ uuid }) => uuid);
    },
    /** What shows a pull request now. */
    of: async (pull: Pick<Pull, 'uuid' | 'number'>): Promise<Preview | null> => {
      const row = await standingOf(pull.uuid);
      const url = row === undefined ? null : await doors.url(row.environment_uuid);
      if (row === undefined || url === null) return null;
      return {
        environmentUuid: row.environment_uuid,
        slug: slugOf(pull),
        url,
        since: row.created_at,
      };
    },
    variables: { list: variables.list, set: variables.set, unset: variables.unset },
    settled: turns.settled,
  };
}

export type Previews = ReturnType<typeof createPreviews>;
