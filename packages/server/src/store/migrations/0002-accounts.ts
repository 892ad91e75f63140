import { type Kysely, SqliteAdapter, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('email', 'text', (column) => column.notNull().unique())
    .addColumn('first_name', 'text', (column) => column.notNull())
    .addColumn('last_name', 'text', (column) => column.notNull())
    .addColumn('password_hash', 'text')
    .addColumn('is_machine', 'integer', (column) => column.notNull())
    .addColumn('is_admin', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('disabled_at', 'text')
    .execute();
  await db.schema
    .createTable('organisations')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('slug', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('memberships')
    .addColumn('organisation_uuid', 'text', (column) =>
      column.notNull().references('organisations.uuid'),
    )
    .addColumn('user_uuid', 'text', (column) => column.notNull().references('users.uuid'))
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('memberships_pk', ['organisation_uuid', 'user_uuid'])
    .execute();
  await db.schema
    .createTable('application_collaborators')
    .addColumn('application_uuid', 'text', (column) => column.notNull())
    .addColumn('user_uuid', 'text', (column) => column.notNull().references('users.uuid'))
    .addColumn('organisation_uuid', 'text', (column) =>
      column.notNull().references('organisations.uuid'),
    )
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('application_collaborators_pk', ['application_uuid', 'user_uuid'])
    .execute();
  await db.schema
    .createTable('access_tokens')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('user_uuid', 'text', (column) => column.notNull().references('users.uuid'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('token_hash', 'text', (column) => column.notNull().unique())
    .addColumn('hint', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text')
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text')
    .addColumn('last_used_at', 'text')
    .addColumn('revoked_at', 'text')
    .execute();
  await db.schema
    .createTable('job_tokens')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('job_id', 'integer', (column) => column.notNull())
    .addColumn('repository_uuid', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('ended_at', 'text')
    .execute();
  await db.schema.createIndex('job_tokens_by_job').on('job_tokens').column('job_id').execute();
  await db.schema
    .createTable('setup_links')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .addColumn('used_at', 'text')
    .execute();
  await createAuditLog(db);
}

async function createAuditLog(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_log')
    .addColumn('sequence', 'integer', (column) => column.primaryKey())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('details', 'text', (column) => column.notNull())
    .addColumn('previous_hash', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('audit_head')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('sequence', 'integer', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute();
  await sql`insert into audit_head (id, sequence, hash) values (1, 0, '')`.execute(db);
  // The chain of hashes tells about a change; the database refuses it besides.
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter;
  if (!isSqlite) {
    await sql`create function audit_log_refuse() returns trigger language plpgsql as
      'begin raise exception ''the audit log is append-only''; end'`.execute(db);
  }
  for (const verb of ['update', 'delete']) {
    const refuse = isSqlite
      ? "begin select raise(abort, 'the audit log is append-only'); end"
      : 'for each row execute function audit_log_refuse()';
    await sql
      .raw(`create trigger audit_log_no_${verb} before ${verb} on audit_log ${refuse}`)
      .execute(db);
  }
}
