import { randomUUID } from 'node:crypto';
import type { RunnerTokenCreate, RunnerTokenView } from '@sluice/contract';
import { SluiceError } from '../../errors.ts';
import type { Trx } from '../../store/index.ts';
import type { RunnerRegistrationRow } from '../../store/schema/runners.ts';
import { type Context, isoTime } from '../dependencies.ts';
import { hashRunnerToken, newRunnerToken } from './tokens.ts';

const HOUR_MS = 3_600_000;
const DEFAULT_HOURS = 24;

/** Tokens that let runners register. */
export interface Registrations {
  /** Newest first; those that are no use any more stay, so that one can see what there was. */
  list(): Promise<RunnerTokenView[]>;
  /** Answers the token's text, which is stored nowhere. */
  create(wish: RunnerTokenCreate, who: string): Promise<RunnerTokenView & { token: string }>;
  /** Its runners stay. Throws `not_found`. */
  revoke(uuid: string, who: string): Promise<void>;
}

export function createRegistrations(context: Context): Registrations {
  const { store, accounts } = context;
  return {
    list: async () => {
      const rows = await store.db
        .selectFrom('runner_registrations')
        .selectAll()
        .orderBy('created_at', 'desc')
        .execute();
      return rows.map((row) => view(row, context.now()));
    },
    create: async (wish, who) => {
      const token = newRunnerToken('slg_');
      const now = context.now();
      const row: RunnerRegistrationRow = {
        uuid: randomUUID(),
        name: wish.name ?? '',
        token_hash: hashRunnerToken(token),
        hint: token.slice(-4),
        organisation_uuid: wish.organisation ?? null,
        reusable: wish.reusable === true ? 1 : 0,
        uses: 0,
        expires_at: isoTime(now + (wish.expires_in_hours ?? DEFAULT_HOURS) * HOUR_MS),
        created_by: who,
        created_at: isoTime(now),
        revoked_at: null,
      };
      await store.transaction(async (trx) => {
        await trx.insertInto('runner_registrations').values(row).execute();
        await accounts.audit(trx, {
          actor: who,
          action: 'runner-token.create',
          target: `runner-token:${row.uuid}`,
          details: { name: row.name, organisation: row.organisation_uuid, reusable: row.reusable },
        });
      });
      return { ...view(row, now), token };
    },
    revoke: (uuid, who) =>
      store.transaction(async (trx) => {
        const row = await trx
          .updateTable('runner_registrations')
          .set({ revoked_at: isoTime(context.now()) })
          .where('uuid', '=', uuid)
          .where('revoked_at', 'is', null)
          .returning('uuid')
          .executeTakeFirst();
        if (row === undefined) throw new SluiceError('not_found', 'Not found.');
        const target = `runner-token:${uuid}`;
        await accounts.audit(trx, { actor: who, action: 'runner-token.revoke', target });
      }),
  };
}

/**
 * Uses a registration token up, in the transaction that makes its runner. Throws `unauthenticated` for one that is
 * unknown, used, expired or revoked, and says which: whoever has the token may know.
 */
export async function redeem(trx: Trx, token: string, now: number): Promise<RunnerRegistrationRow> {
  const row = await trx
    .updateTable('runner_registrations')
    .set((eb) => ({ uses: eb('uses', '+', 1) }))
    .where('token_hash', '=', hashRunnerToken(token))
    .returningAll()
    .executeTakeFirst();
  const state = row === undefined ? 'unknown' : stateOf({ ...row, uses: row.uses - 1 }, now);
  if (row !== undefined && state === 'usable') return row;
  throw new SluiceError('unauthenticated', `The registration token is ${state}.`, {
    reason: 'registration_token',
    remedy: 'Make a new one: sluice runner token create, or Runners in the panel.',
  });
}

function stateOf(row: RunnerRegistrationRow, now: number): string {
  if (row.revoked_at !== null) return 'revoked';
  if (Date.parse(row.expires_at) <= now) return 'expired';
  return row.uses > 0 && row.reusable === 0 ? 'used' : 'usable';
}

const view = (row: RunnerRegistrationRow, now: number): RunnerTokenView => ({
  uuid: row.uuid,
  name: row.name,
  hint: row.hint,
  organisation: row.organisation_uuid,
  reusable: row.reusable === 1,
  uses: row.uses,
  created_at: row.created_at,
  created_by: row.created_by,
  expires_at: row.expires_at,
  state: stateOf(row, now),
});
