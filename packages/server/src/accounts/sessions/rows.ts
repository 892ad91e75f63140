import type { Kysely } from 'kysely';
import type { Database, Trx } from '../../store/index.ts';

/** Signs a person out of all browsers but one session; answers how many it ended. */
export async function endSessionsOf(
  trx: Trx,
  userUuid: string,
  except: string | null,
): Promise<number> {
  let query = trx.deleteFrom('sessions').where('user_uuid', '=', userUuid);
  if (except !== null) query = query.where('uuid', '!=', except);
  return Number((await query.executeTakeFirstOrThrow()).numDeletedRows);
}

/** Whether a code is asked for besides this person's password. */
export async function hasSecondFactor(db: Kysely<Database>, userUuid: string): Promise<boolean> {
  const row = await db
    .selectFrom('two_factor')
    .select('user_uuid')
    .where('user_uuid', '=', userUuid)
    .where('enabled_at', 'is not', null)
    .executeTakeFirst();
  return row !== undefined;
}
