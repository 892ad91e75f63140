import type { Trx } from '../store/index.ts';

/** The next number of a counter that only rises; kept in the transaction, so never handed out twice. */
export async function nextTicket(trx: Trx, name: 'queue' | 'lease'): Promise<number> {
  const row = await trx
    .insertInto('ci_counters')
    .values({ name, value: 1 })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet((expression) => ({ value: expression('ci_counters.value', '+', 1) })),
    )
    .returning('value')
    .executeTakeFirstOrThrow();
  return row.value;
}

/** The next build number of a repository. Numbers rise strictly and are never used again. */
export async function nextBuildNumber(trx: Trx, repositoryUuid: string): Promise<number> {
  const row = await trx
    .insertInto('ci_repositories')
    .values({ repository_uuid: repositoryUuid, last_build_number: 1, last_lease_ticket: 0 })
    .onConflict((conflict) =>
      conflict.column('repository_uuid').doUpdateSet((expression) => ({
        last_build_number: expression('ci_repositories.last_build_number', '+', 1),
      })),
    )
    .returning('last_build_number')
    .executeTakeFirstOrThrow();
  return row.last_build_number;
}
