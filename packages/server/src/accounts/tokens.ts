import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import { SluiceError } from '../errors.ts';
import type { Store, Trx } from '../store/index.ts';
import type { AccessTokenRow } from '../store/schema/accounts.ts';
import type { Audit } from './audit.ts';
import { readName } from './names.ts';
import { hashToken, newToken } from './token-text.ts';
import type { AccessToken, Actor, Scope } from './types.ts';

export interface NewToken {
  readonly userUuid: string;
  readonly name: string;
  /** Null: all that the user may do. */
  readonly scopes?: readonly Scope[] | null;
  /** ISO 8601; null: until it is revoked. */
  readonly expiresAt?: string | null;
}

export function createTokens(store: Store, audit: Audit, now: () => Date) {
  /** Answers the token's text, which is shown once and stored nowhere. */
  const create = async (
    input: NewToken,
    actor: Actor,
  ): Promise<{ uuid: string; token: string; row: AccessToken }> => {
    const token = newToken('slc_');
    const row: AccessTokenRow = {
      uuid: randomUUID(),
      user_uuid: input.userUuid,
      name: readName('name', input.name),
      token_hash: hashToken(token),
      hint: token.slice(-4),
      scopes: input.scopes === undefined || input.scopes === null ? null : scopesText(input.scopes),
      created_at: now().toISOString(),
      expires_at: readExpiry(input.expiresAt ?? null, now()),
      last_used_at: null,
      revoked_at: null,
    };
    await store.transaction(async (trx) => {
      await trx.insertInto('access_tokens').values(row).execute();
      await audit.record(trx, {
        actor,
        action: 'token.create',
        target: `token:${row.uuid}`,
        details: { user: row.user_uuid, name: row.name, scopes: input.scopes ?? null },
      });
    });
    return { uuid: row.uuid, token, row: toToken(row) };
  };

  const get = async (uuid: string): Promise<AccessToken | null> => {
    const row = await store.db
      .selectFrom('access_tokens')
      .selectAll()
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    return row === undefined ? null : toToken(row);
  };

  /** Newest first. Revoked ones stay, so that one can see what there was. */
  const list = async (userUuid: string): Promise<AccessToken[]> => {
    const rows = await store.db
      .selectFrom('access_tokens')
      .selectAll()
      .where('user_uuid', '=', userUuid)
      .orderBy('created_at', 'desc')
      .orderBy('uuid')
      .execute();
    return rows.map(toToken);
  };

  /** Takes effect with the next request. Revoking twice is fine. */
  const revoke = (uuid: string, actor: Actor): Promise<void> =>
    store.transaction(async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('access_tokens')
        .set({ revoked_at: now().toISOString() })
        .where('uuid', '=', uuid)
        .where('revoked_at', 'is', null)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) return;
      await audit.record(trx, { actor, action: 'token.revoke', target: `token:${uuid}` });
    });

  /** For one attempt of one job: it may read the job's repository until `endJobToken`. */
  const createJobToken = async (
    jobId: number,
    repositoryUuid: string,
    trx?: Trx,
  ): Promise<string> => {
    const token = newToken('slj_');
    await (trx ?? store.db)
      .insertInto('job_tokens')
      .values({
        token_hash: hashToken(token),
        job_id: jobId,
        repository_uuid: repositoryUuid,
        created_at: now().toISOString(),
        ended_at: null,
      })
      .execute();
    return token;
  };

  /** All tokens of the job, also those of earlier attempts. */
  const endJobToken = async (jobId: number, trx?: Trx): Promise<void> => {
    await (trx ?? store.db)
      .updateTable('job_tokens')
      .set({ ended_at: now().toISOString() })
      .where('job_id', '=', jobId)
      .where('ended_at', 'is', null)
      .execute();
  };

  return { create, get, list, revoke, createJobToken, endJobToken };
}

function scopesText(scopes: readonly Scope[]): string {
  if (scopes.length === 0) {
    throw new SluiceError('invalid', 'A token without any scope could do nothing.', {
      fields: { scopes: ['Name at least one scope, or leave them out.'] },
    });
  }
  return JSON.stringify(scopes);
}

function readExpiry(text: string | null, now: Date): string | null {
  if (text === null) return null;
  const time = Date.parse(text);
  if (!Number.isFinite(time) || time <= now.getTime()) {
    throw new SluiceError('invalid', 'The expiry is not a time to come.', {
      fields: { expires_at: ['Give a time in the future, as ISO 8601.'] },
    });
  }
  return new Date(time).toISOString();
}

const toToken = (row: Selectable<AccessTokenRow>): AccessToken => ({
  uuid: row.uuid,
  userUuid: row.user_uuid,
  name: row.name,
  hint: row.hint,
  scopes: row.scopes === null ? null : (JSON.parse(row.scopes) as Scope[]),
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
  revokedAt: row.revoked_at,
});
