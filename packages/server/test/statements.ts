import { DatabaseSync } from 'node:sqlite';

/** Tables whose rows become more with every push, for ever. */
const HISTORIES =
  'builds|stages|jobs|commit_tests|pushes|deployments|deployment_events|deployment_steps|signals|releases|images|instances|messages|past_job_runs';
/** Indexes of what is under way or still kept, whose length has nothing to do with the history's. */
const SHORT = 'builds_open|deployments_open|messages_open|releases_kept|deployment_events_switches';
const ASKS = /^\s*(select|update|delete|insert|with)\b/i;

/** Every statement that SQLite is given from now on, once each. */
export function recordStatements(): { readonly seen: ReadonlySet<string>; stop(): void } {
  const seen = new Set<string>();
  const { prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.prepare = function record(sql, ...more) {
    seen.add(sql);
    return prepare.call(this, sql, ...more);
  };
  return {
    seen,
    stop: () => {
      DatabaseSync.prototype.prepare = prepare;
    },
  };
}

/** Those that read a whole history, or sort one, with SQLite's own words for it. */
export function wholeReads(path: string, statements: Iterable<string>): string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return [...statements].flatMap((sql) => {
      if (!ASKS.test(sql)) return [];
      const found = planOf(database, sql).filter((step) => isWhole(sql, step));
      return found.map((step) => `${step}: ${sql}`);
    });
  } finally {
    database.close();
  }
}

function planOf(database: DatabaseSync, sql: string): string[] {
  const count = sql.match(/\?/g)?.length ?? 0;
  const rows = database.prepare(`explain query plan ${sql}`).all(...Array(count).fill(null));
  return rows.map(({ detail }) => String(detail));
}

function isWhole(sql: string, step: string): boolean {
  // A page of a list is read from an index that has its order.
  if (step.includes('TEMP B-TREE FOR ORDER BY'))
    return /^select \* from "builds" .* order by "id" desc limit/.test(sql);
  const name = /^SCAN (\w+)/.exec(step)?.[1];
  if (name === undefined || new RegExp(`USING (COVERING )?INDEX (${SHORT})`).test(step))
    return false;
  const table = new RegExp(`"?(\\w+)"? as "?${name}"?(?![\\w"])`).exec(sql)?.[1] ?? name;
  // The newest by its number is the first that is looked at.
  if (new RegExp(`from "?${table}"? order by "?id"? desc limit`).test(sql)) return false;
  return new RegExp(`^(${HISTORIES})$`).test(table);
}
