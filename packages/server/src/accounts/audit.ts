import { createHash } from 'node:crypto';
import type { Store, Trx } from '../store/index.ts';
import { changeOf } from './audit-change.ts';
import type { Actor } from './types.ts';

interface AuditEvent {
  readonly actor: Actor;
  /** `<noun>.<verb>`, such as `token.create`. */
  readonly action: string;
  /** What it was done to, such as `user:<uuid>`. */
  readonly target: string;
  /** Never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

type AuditVerdict =
  | { readonly intact: true; readonly entries: number }
  | { readonly intact: false; readonly entries: number; readonly brokenAt: number };

export interface Audit {
  /** Appends in the caller's transaction, so that what happened and its record are one; null: in one of its own. */
  record(trx: Trx | null, event: AuditEvent): Promise<void>;
  /** Walks the whole chain: a changed, removed or inserted entry breaks it at its sequence number. */
  verify(): Promise<AuditVerdict>;
}

/** Another room's action tells of itself what it changed; whoever reads the log hears that it is longer. */
const WRITTEN_DOWN = { kind: 'system', id: 'audit', application: null } as const;

export function createAudit(store: Store, now: () => Date): Audit {
  const append = async (trx: Trx, event: AuditEvent): Promise<void> => {
    // The update comes first: it takes the write lock, so that two writers never extend the same end.
    const head = await trx
      .updateTable('audit_head')
      .set((eb) => ({ sequence: eb('sequence', '+', 1) }))
      .where('id', '=', 1)
      .returning(['sequence', 'hash'])
      .executeTakeFirstOrThrow();
    const row = {
      sequence: head.sequence,
      at: now().toISOString(),
      actor: event.actor,
      action: event.action,
      target: event.target,
      details: JSON.stringify(event.details ?? {}),
      previous_hash: head.hash,
    };
    const hash = hashOf(row);
    await trx
      .insertInto('audit_log')
      .values({ ...row, hash })
      .execute();
    await trx.updateTable('audit_head').set({ hash }).where('id', '=', 1).execute();
    store.changes.emit(changeOf(event) ?? WRITTEN_DOWN, trx);
  };

  return {
    record: (trx, event) =>
      trx === null ? store.transaction((own) => append(own, event)) : append(trx, event),

    verify: async () => {
      // In this order: what is added meanwhile lies beyond both, and an entry beyond the head was not made by `append`.
      const last = await store.db
        .selectFrom('audit_log')
        .select(({ fn }) => fn.max<number | null>('sequence').as('sequence'))
        .executeTakeFirstOrThrow();
      const head = await store.db.selectFrom('audit_head').selectAll().executeTakeFirstOrThrow();
      const isLonger = (last.sequence ?? 0) > head.sequence;
      let previous = '';
      let sequence = 0;
      while (sequence < head.sequence) {
        const rows = await store.db
          .selectFrom('audit_log')
          .selectAll()
          .where('sequence', '>', sequence)
          .where('sequence', '<=', head.sequence)
          .orderBy('sequence')
          .limit(1_000)
          .execute();
        for (const row of rows) {
          const { hash, ...covered } = row;
          const follows = row.sequence === sequence + 1 && row.previous_hash === previous;
          if (!follows || hashOf(covered) !== hash) {
            return { intact: false, entries: sequence, brokenAt: sequence + 1 };
          }
          previous = hash;
          sequence = row.sequence;
        }
        if (rows.length === 0) break;
      }
      // Entries cut off at the end leave a valid, shorter chain; the head knows how long it was.
      return head.sequence === sequence && head.hash === previous && !isLonger
        ? { intact: true, entries: sequence }
        : { intact: false, entries: sequence, brokenAt: sequence + 1 };
    },
  };
}

interface Covered {
  readonly sequence: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly details: string;
  readonly previous_hash: string;
}

/** A JSON list, not joined text: no two different rows may have one text. */
function hashOf(row: Covered): string {
  const { sequence, at, actor, action, target, details, previous_hash } = row;
  const text = JSON.stringify([sequence, at, actor, action, target, details, previous_hash]);
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
