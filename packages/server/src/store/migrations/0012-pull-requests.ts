import type { Kysely } from 'kysely';

/** Pull requests, what their builds and previews need, and statuses for outside hosts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await pullRequests(db);
  await previews(db);
  await statuses(db);
  // CI: a request is answered once, however often its message comes.
  await db.schema
    .createTable('pull_builds')
    .addColumn('request', 'text', (column) => column.primaryKey())
    .addColumn('repository_uuid', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('build_id', 'integer')
    .addColumn('refusal', 'text')
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('pull_builds_number')
    .on('pull_builds')
    .columns(['repository_uuid', 'number'])
    .execute();
}

async function pullRequests(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('pull_requests')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('repository_uuid', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('provider', 'text', (column) => column.notNull())
    .addColumn('url', 'text')
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('author_uuid', 'text')
    .addColumn('author_id', 'text', (column) => column.notNull())
    .addColumn('author_login', 'text', (column) => column.notNull())
    .addColumn('head_ref', 'text', (column) => column.notNull())
    .addColumn('head_sha', 'text', (column) => column.notNull())
    .addColumn('head_repository', 'text')
    .addColumn('is_fork', 'integer', (column) => column.notNull())
    .addColumn('base_ref', 'text', (column) => column.notNull())
    .addColumn('base_sha', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('draft', 'integer', (column) => column.notNull())
    .addColumn('mergeability', 'text', (column) => column.notNull())
    .addColumn('conflicts', 'text', (column) => column.notNull())
    .addColumn('merge_sha', 'text')
    .addColumn('approval', 'text', (column) => column.notNull())
    .addColumn('approved_by', 'text')
    .addColumn('build_request', 'text')
    .addColumn('build_head', 'text')
    .addColumn('build_id', 'integer')
    .addColumn('build_state', 'text')
    .addColumn('build_reason', 'text')
    .addColumn('merge_when_green', 'text')
    .addColumn('merging_sha', 'text')
    .addColumn('merged_sha', 'text')
    .addColumn('merge_method', 'text')
    .addColumn('ended_by', 'text')
    .addColumn('ended_at', 'text')
    .addColumn('told_deployment', 'text')
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .addUniqueConstraint('pull_requests_number', ['repository_uuid', 'number'])
    .execute();
  await db.schema
    .createIndex('pull_requests_state')
    .on('pull_requests')
    .columns(['repository_uuid', 'state', 'number'])
    .execute();
  await db.schema
    .createIndex('pull_requests_build')
    .on('pull_requests')
    .column('build_id')
    .execute();
  await db.schema
    .createTable('pull_request_comments')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('pull_request_uuid', 'text', (column) =>
      column.notNull().references('pull_requests.uuid').onDelete('cascade'),
    )
    .addColumn('author_uuid', 'text')
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('pull_request_comments_pull')
    .on('pull_request_comments')
    .columns(['pull_request_uuid', 'created_at'])
    .execute();
  await db.schema
    .createTable('pull_request_settings')
    .addColumn('repository_uuid', 'text', (column) => column.primaryKey())
    .addColumn('approve_first', 'integer')
    .addColumn('require_green', 'integer')
    .addColumn('merge_method', 'text')
    .addColumn('delete_branch', 'integer')
    .addColumn('previews', 'integer')
    .addColumn('preview_days', 'integer')
    .addColumn('preview_limit', 'integer')
    .execute();
  await db.schema
    .createTable('known_authors')
    .addColumn('repository_uuid', 'text', (column) => column.notNull())
    .addColumn('provider', 'text', (column) => column.notNull())
    .addColumn('author_id', 'text', (column) => column.notNull())
    .addColumn('approved_by', 'text', (column) => column.notNull())
    .addColumn('approved_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('known_authors_pk', ['repository_uuid', 'provider', 'author_id'])
    .execute();
}

async function previews(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('previews')
    .addColumn('environment_uuid', 'text', (column) => column.primaryKey())
    .addColumn('application_uuid', 'text', (column) => column.notNull())
    .addColumn('pull_request_uuid', 'text', (column) => column.notNull())
    .addColumn('head_sha', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .addColumn('removed_at', 'text')
    .addColumn('removed_reason', 'text')
    .execute();
  await db.schema
    .createIndex('previews_application')
    .on('previews')
    .columns(['application_uuid', 'removed_at'])
    .execute();
  await db.schema
    .createIndex('previews_pull')
    .on('previews')
    .columns(['pull_request_uuid', 'removed_at'])
    .execute();
  await db.schema
    .createTable('preview_variables')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('application_uuid', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('value_sealed', 'text', (column) => column.notNull())
    .addColumn('is_sensitive', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .addUniqueConstraint('preview_variables_name', ['application_uuid', 'name'])
    .execute();
}

async function statuses(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('commit_statuses')
    .addColumn('repository_uuid', 'text', (column) => column.notNull())
    .addColumn('sha', 'text', (column) => column.notNull())
    .addColumn('context', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('target_url', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('sent_version', 'integer', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('next_at', 'text', (column) => column.notNull())
    .addColumn('last_error', 'text')
    .addColumn('given_up', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('commit_statuses_pk', ['repository_uuid', 'sha', 'context'])
    .execute();
  await db.schema
    .createIndex('commit_statuses_due')
    .on('commit_statuses')
    .columns(['given_up', 'next_at'])
    .execute();
  await db.schema
    .createTable('status_targets')
    .addColumn('repository_uuid', 'text', (column) => column.primaryKey())
    .addColumn('provider', 'text', (column) => column.notNull())
    .addColumn('api_url', 'text', (column) => column.notNull())
    .addColumn('slug', 'text', (column) => column.notNull())
    .addColumn('token_sealed', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .execute();
}
