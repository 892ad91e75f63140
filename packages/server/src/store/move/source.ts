import { DatabaseSync } from 'node:sqlite';
import { SluiceError } from '../../errors.ts';

export interface SourceTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly count: number;
  /** The highest number that its counting column ever had; 0 where nothing counts. */
  readonly counted: number;
}

export type Value = string | number | null;
export type Row = readonly Value[];

/** An embedded database, as it is at one moment. */
export interface Source {
  readonly migrations: readonly string[];
  /** What others refer to comes first. */
  readonly tables: readonly SourceTable[];
  rows(table: SourceTable): Iterable<Row>;
  close(): void;
}

const INTERNAL = /^(sqlite_|kysely_)/;

/** Opens it for reading alone: whatever happens, it stays as it was. */
export function openSource(path: string): Source {
  const database = new DatabaseSync(path, { readOnly: true });
  database.exec('begin');
  const all = (sql: string) => database.prepare(sql).all();
  const names = all("select name from sqlite_master where type = 'table' order by name")
    .map((row) => String(row['name']))
    .filter((name) => !INTERNAL.test(name));
  const counters = new Map(
    (hasCounters(database) ? all('select name, seq from sqlite_sequence') : []).map((row) => [
      String(row['name']),
      Number(row['seq']),
    ]),
  );
  const describe = (name: string): SourceTable => ({
    name,
    columns: all(`pragma table_info("${name}")`).map((row) => String(row['name'])),
    count: Number(all(`select count(*) as count from "${name}"`)[0]?.['count']),
    counted: counters.get(name) ?? 0,
  });
  const parents = new Map(
    names.map((name) => [
      name,
      all(`pragma foreign_key_list("${name}")`).map((row) => String(row['table'])),
    ]),
  );
  return {
    migrations: all('select name from kysely_migration order by name').map((row) =>
      String(row['name']),
    ),
    tables: parentsFirst(names, parents).map(describe),
    rows: function* ({ name, columns }) {
      const list = columns.map((column) => `"${column}"`).join(', ');
      const statement = database.prepare(`select ${list} from "${name}" order by rowid`);
      for (const row of statement.iterate()) {
        yield columns.map((column) => plain(row[column], `${name}.${column}`));
      }
    },
    close: () => database.close(),
  };
}

function hasCounters(database: DatabaseSync): boolean {
  return (
    database.prepare("select 1 from sqlite_master where name = 'sqlite_sequence'").get() !==
    undefined
  );
}

/** Pure. Throws where tables refer to each other in a circle, which no migration makes. */
export function parentsFirst(
  names: readonly string[],
  parents: ReadonlyMap<string, readonly string[]>,
): string[] {
  const placed: string[] = [];
  let waiting = [...names];
  while (waiting.length > 0) {
    const ready = waiting.filter((name) =>
      (parents.get(name) ?? []).every((parent) => parent === name || placed.includes(parent)),
    );
    if (ready.length === 0) throw new Error(`tables refer to each other: ${waiting.join(', ')}`);
    placed.push(...ready);
    waiting = waiting.filter((name) => !ready.includes(name));
  }
  return placed;
}

function plain(value: unknown, where: string): Value {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  throw new SluiceError('internal', `${where} holds a ${typeof value}, which cannot be moved.`);
}
