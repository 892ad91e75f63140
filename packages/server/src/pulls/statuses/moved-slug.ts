import { fullNameOf } from '../../git/mirrors/address.ts';
import type { Store } from '../../store/index.ts';

/**
 * What the host calls a repository now: statuses go to its old name no longer once the mirror has followed a move. The
 * row keeps the new one.
 */
export async function currentSlug(
  { db }: Pick<Store, 'db'>,
  repositoryUuid: string,
  slug: string,
): Promise<string> {
  const moved = await db
    .selectFrom('mirrors as m')
    .innerJoin('repositories as r', 'r.uuid', 'm.repository_uuid')
    .select(['m.moved_from', 'r.url'])
    .where('m.repository_uuid', '=', repositoryUuid)
    .where('m.moved_from', 'is not', null)
    .executeTakeFirst();
  const { moved_from: from = null, url = null } = moved ?? {};
  if (from === null || url === null || nameAt(from) !== slug.toLowerCase()) return slug;
  const now = new URL(url).pathname.replace(/^\/|\/$|\.git$/g, '');
  await db
    .updateTable('status_targets')
    .set({ slug: now })
    .where('repository_uuid', '=', repositoryUuid)
    .where('slug', '=', slug)
    .execute();
  return now;
}

const nameAt = (url: string): string | null =>
  URL.canParse(url) ? fullNameOf(new URL(url).pathname) : null;
