import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  PostgresAdapter,
  type PostgresDialectConfig,
  PostgresDriver,
  PostgresIntrospector,
  type TransactionSettings,
} from 'kysely';
import { fromDatabase } from '../trouble.ts';
import { PortableCompiler } from './compiler.ts';

export interface PortableDialectConfig extends PostgresDialectConfig {
  /** Statements with which a transaction of this isolation begins, in one message to the server. */
  readonly beginWith: Readonly<Partial<Record<string, string>>>;
}

export function portableDialect(config: PortableDialectConfig): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PortableDriver(config),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PortableCompiler(),
  };
}

class PortableDriver extends PostgresDriver {
  readonly #beginWith: PortableDialectConfig['beginWith'];
  readonly #marked = new WeakSet<DatabaseConnection>();

  constructor({ beginWith, ...config }: PortableDialectConfig) {
    super(config);
    this.#beginWith = beginWith;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection().catch((error: unknown) => {
      throw fromDatabase(error);
    });
    if (!this.#marked.has(connection)) {
      this.#marked.add(connection);
      const run = connection.executeQuery.bind(connection);
      connection.executeQuery = (query) =>
        run(query).catch((error: unknown) => {
          throw fromDatabase(error);
        }) as never;
    }
    return connection;
  }

  override async beginTransaction(
    connection: DatabaseConnection,
    settings: TransactionSettings,
  ): Promise<void> {
    const own = this.#beginWith[settings.isolationLevel ?? ''];
    if (own === undefined) await super.beginTransaction(connection, settings);
    else await connection.executeQuery(CompiledQuery.raw(own));
  }
}
