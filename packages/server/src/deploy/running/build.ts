import type { Store } from '../../store/index.ts';

/** The build that decides whether a commit is tested. */
export interface BuildLine {
  readonly id: number;
  readonly number: number;
  readonly state: string;
}

/** The newest of exactly this commit that was not for a pull request (spec/ordering.md 1). */
export async function decidingBuild(
  { db }: Store,
  repositoryUuid: string,
  sha: string,
): Promise<BuildLine | null> {
  const row = await db
    .selectFrom('builds')
    .select(['id', 'number', 'state'])
    .where('repository_uuid', '=', repositoryUuid)
    .where('sha', '=', sha)
    .where('event', 'in', ['push', 'api', 'cron'])
    .orderBy('number', 'desc')
    .executeTakeFirst();
  return row ?? null;
}
