import type { Store } from '../../store/index.ts';

/** What of a build's news reached nobody, for its page. Names no address, which may be a secret. */
export async function undelivered(store: Store, buildId: number): Promise<string[]> {
  const rows = await store.db
    .selectFrom('notifications')
    .select(['kind', 'target', 'state', 'last_error'])
    .where('build_id', '=', buildId)
    .where('state', 'in', ['failed', 'dropped'])
    .orderBy('id')
    .execute();
  return rows
    .filter((row) => !isGuess(row.target))
    .map((row) => `A notification (${row.kind}) was not delivered: ${row.last_error ?? 'unknown'}`);
}

/** Nobody has asked for this receiver: author and committer are told when they happen to be known. */
function isGuess(target: string): boolean {
  const read = JSON.parse(target) as { onlyKnown?: boolean };
  return read.onlyKnown === true;
}
