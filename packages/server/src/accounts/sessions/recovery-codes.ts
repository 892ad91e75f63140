import { createHash, randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Database, Trx } from '../../store/index.ts';

const COUNT = 10;
/** Without letters that look like digits; 32 of them, so that every byte gives five bits evenly. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';

/** Replaces a person's codes and answers the new ones: `abcd-efgh-ijkm-npqr`, 80 bits each, stored as hashes only. */
export async function replaceRecoveryCodes(trx: Trx, userUuid: string): Promise<string[]> {
  const codes = Array.from({ length: COUNT }, newCode);
  await trx.deleteFrom('recovery_codes').where('user_uuid', '=', userUuid).execute();
  await trx
    .insertInto('recovery_codes')
    .values(
      codes.map((code) => ({
        user_uuid: userUuid,
        code_hash: hashOf(userUuid, code),
        used_at: null,
      })),
    )
    .execute();
  return codes;
}

/** Uses a code up; false when there is no such code or it was used before. */
export async function useRecoveryCode(
  trx: Trx,
  userUuid: string,
  code: string,
  now: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('recovery_codes')
    .set({ used_at: now.toISOString() })
    .where('user_uuid', '=', userUuid)
    .where('code_hash', '=', hashOf(userUuid, code))
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

export async function countRecoveryCodes(db: Kysely<Database>, userUuid: string): Promise<number> {
  const { count } = await db
    .selectFrom('recovery_codes')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('user_uuid', '=', userUuid)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

function newCode(): string {
  const letters = [...randomBytes(16)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
  return (letters.match(/.{4}/g) ?? []).join('-');
}

/** Spaces, hyphens and capitals are how people type it. */
const hashOf = (userUuid: string, code: string): string =>
  createHash('sha256')
    .update(`${userUuid}:${code.toLowerCase().replace(/[^a-z0-9]/g, '')}`)
    .digest('hex');
