import { randomUUID } from 'node:crypto';
import { SluiceError } from '../errors.ts';
import type { Store, Trx } from '../store/index.ts';
import type { PullRequestCommentRow } from '../store/schema/pull-requests.ts';
import type { Actor, Context, Pull } from './context.ts';

const LONGEST = 20_000;
const MOST = 1_000;

/** Of one pull request, oldest first. */
export function listComments(
  { store }: Pick<Context, 'store'>,
  pullUuid: string,
): Promise<PullRequestCommentRow[]> {
  return store.db
    .selectFrom('pull_request_comments')
    .selectAll()
    .where('pull_request_uuid', '=', pullUuid)
    .orderBy('created_at')
    .orderBy('uuid')
    .limit(MOST)
    .execute();
}

/** Throws `invalid` for an empty or endless text. */
export async function addComment(
  { store, now }: Pick<Context, 'store' | 'now'>,
  pull: Pick<Pull, 'uuid' | 'repository_uuid'>,
  /** Null: Sluice itself. */
  author: Actor | null,
  body: string,
  trx?: Trx,
): Promise<PullRequestCommentRow> {
  const text = body.trim();
  if (text === '') throw badBody('Write something.');
  if (text.length > LONGEST) throw badBody(`Use at most ${LONGEST} characters.`);
  const row: PullRequestCommentRow = {
    uuid: randomUUID(),
    pull_request_uuid: pull.uuid,
    author_uuid: author?.userUuid ?? null,
    author: author?.email ?? 'Sluice',
    body: text,
    created_at: now(),
  };
  const write = async (inside: Trx) => {
    await inside.insertInto('pull_request_comments').values(row).execute();
    tell(store, pull, inside);
  };
  if (trx === undefined) await store.transaction(write);
  else await write(trx);
  return row;
}

const tell = ({ changes }: Store, pull: Pick<Pull, 'repository_uuid'>, trx: Trx): void =>
  changes.emit({ kind: 'repository', id: pull.repository_uuid, application: null }, trx);

const badBody = (text: string) => new SluiceError('invalid', text, { fields: { body: [text] } });
