import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import type { Database, Store } from '../store/index.ts';
import type { AuditRow } from '../store/schema/accounts.ts';

/** Which entries; what is absent does not limit. */
export interface AuditFilter {
  /** Part of the actor's name. */
  readonly actor?: string;
  /** How the action begins: `token`, `token.create`. */
  readonly action?: string;
  /** How the target begins: `application:`, `user:<uuid>`. */
  readonly target?: string;
  /** ISO 8601; this moment and later. */
  readonly since?: string;
  /** Before this moment. */
  readonly until?: string;
  /** Anywhere in actor, action, target or details. */
  readonly text?: string;
}

export interface AuditEntry {
  readonly sequence: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly details: unknown;
  readonly hash: string;
}

type Query = SelectQueryBuilder<Database, 'audit_log', object>;

/** Reads the audit log, newest first, by sequence number: entries that are added meanwhile move nothing. */
export function createAuditQuery(store: Store) {
  /** At most `limit` entries older than `before`, and how many match in all. */
  const list = async (
    filter: AuditFilter,
    page: { readonly before: number | null; readonly limit: number },
  ): Promise<{ count: number; entries: AuditEntry[] }> => {
    const matching = () => restrict(store.db.selectFrom('audit_log'), filter);
    const { count } = await matching()
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return { count: Number(count), entries: await older(filter, page.before, page.limit) };
  };

  const older = async (
    filter: AuditFilter,
    before: number | null,
    limit: number,
  ): Promise<AuditEntry[]> => {
    let query = restrict(store.db.selectFrom('audit_log'), filter);
    if (before !== null) query = query.where('sequence', '<', before);
    const rows = await query.selectAll().orderBy('sequence', 'desc').limit(limit).execute();
    return rows.map(toEntry);
  };

  /** Every matching entry, in pieces, so that a long log is never in memory as a whole. */
  async function* all(filter: AuditFilter): AsyncGenerator<AuditEntry[]> {
    let before: number | null = null;
    for (;;) {
      const entries: AuditEntry[] = await older(filter, before, 500);
      const last = entries.at(-1);
      if (last === undefined) return;
      yield entries;
      before = last.sequence;
    }
  }

  return { list, all };
}

function restrict(query: Query, filter: AuditFilter): Query {
  const { actor, action, target, since, until, text } = filter;
  let found = query;
  if (actor) found = found.where(like(sql.ref('actor'), `%${escaped(actor)}%`));
  if (action) found = found.where(like(sql.ref('action'), `${escaped(action)}%`));
  if (target) found = found.where(like(sql.ref('target'), `${escaped(target)}%`));
  if (since) found = found.where('at', '>=', since);
  if (until) found = found.where('at', '<', until);
  if (text) {
    const everything = sql`actor || ' ' || action || ' ' || target || ' ' || details`;
    found = found.where(like(everything, `%${escaped(text)}%`));
  }
  return found;
}

const escaped = (text: string): string => text.toLowerCase().replace(/[\\%_]/g, '\\$&');

const like = (what: RawBuilder<unknown>, pattern: string) =>
  sql<boolean>`lower(${what}) like ${pattern} escape '\\'`;

const toEntry = (row: AuditRow): AuditEntry => ({
  sequence: row.sequence,
  at: row.at,
  actor: row.actor,
  action: row.action,
  target: row.target,
  details: JSON.parse(row.details) as unknown,
  hash: row.hash,
});
