import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('deployments')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('environment_uuid', 'text', (column) => column.notNull())
    .addColumn('application_uuid', 'text', (column) => column.notNull())
    .addColumn('repository_uuid', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('branch', 'text', (column) => column.notNull())
    .addColumn('target', 'text')
    .addColumn('sha', 'text')
    .addColumn('build_mode', 'text', (column) => column.notNull())
    .addColumn('config_version', 'integer', (column) => column.notNull())
    .addColumn('via', 'text', (column) => column.notNull())
    .addColumn('requested_by_uuid', 'text', (column) => column.notNull())
    .addColumn('requested_by', 'text', (column) => column.notNull())
    .addColumn('head_signal', 'integer', (column) => column.notNull())
    .addColumn('allow_off_branch', 'integer', (column) => column.notNull())
    .addColumn('override_hold', 'integer', (column) => column.notNull())
    .addColumn('explicit', 'integer', (column) => column.notNull())
    .addColumn('rollback_release_uuid', 'text')
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('percent', 'integer', (column) => column.notNull())
    .addColumn('accepted_at', 'text', (column) => column.notNull())
    .addColumn('started_at', 'text', (column) => column.notNull())
    .addColumn('queued_at', 'text')
    .addColumn('running_at', 'text')
    .addColumn('ended_at', 'text')
    .addColumn('success', 'integer')
    .addColumn('present_since', 'text')
    .addColumn('seen_on_branch', 'integer', (column) => column.notNull())
    .addColumn('off_branch_since', 'text')
    .addColumn('fetch_attempts', 'integer', (column) => column.notNull())
    .addColumn('next_fetch_at', 'text')
    .addColumn('superseded_by', 'integer')
    .addColumn('cancel_requested_by', 'text')
    .addColumn('switched', 'integer', (column) => column.notNull())
    .addColumn('release_uuid', 'text')
    .addColumn('fence', 'integer', (column) => column.notNull())
    .addColumn('rule', 'text', (column) => column.notNull())
    .addColumn('reason_code', 'text')
    .addColumn('reason', 'text')
    .addColumn('variables_sealed', 'text')
    .execute();
  await db.schema
    .createIndex('deployments_by_number')
    .on('deployments')
    .columns(['environment_uuid', 'number'])
    .unique()
    .execute();
  await db.schema
    .createIndex('deployments_unfinished')
    .on('deployments')
    .columns(['environment_uuid', 'ended_at'])
    .execute();
  await db.schema
    .createIndex('deployments_by_commit')
    .on('deployments')
    .columns(['application_uuid', 'sha'])
    .execute();

  await db.schema
    .createTable('signals')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('environment_uuid', 'text', (column) => column.notNull())
    .addColumn('deployment_uuid', 'text', (column) => column.notNull())
    .addColumn('target', 'text')
    .addColumn('build_mode', 'text', (column) => column.notNull())
    .addColumn('via', 'text', (column) => column.notNull())
    .addColumn('user_uuid', 'text', (column) => column.notNull())
    .addColumn('user_email', 'text', (column) => column.notNull())
    .addColumn('idempotency_key', 'text')
    .addColumn('joined', 'integer', (column) => column.notNull())
    .addColumn('arrived_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('signals_by_key')
    .on('signals')
    .columns(['environment_uuid', 'idempotency_key'])
    .unique()
    .execute();
  await db.schema
    .createIndex('signals_by_deployment')
    .on('signals')
    .column('deployment_uuid')
    .execute();

  await db.schema
    .createTable('deployment_events')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('environment_uuid', 'text', (column) => column.notNull())
    .addColumn('deployment_uuid', 'text', (column) => column.notNull())
    .addColumn('sha', 'text')
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('from_status', 'text')
    .addColumn('to_status', 'text', (column) => column.notNull())
    .addColumn('rule', 'text', (column) => column.notNull())
    .addColumn('superseded_by', 'integer')
    .addColumn('reason', 'text')
    .execute();
  await db.schema
    .createIndex('deployment_events_by_deployment')
    .on('deployment_events')
    .columns(['deployment_uuid', 'id'])
    .execute();

  await db.schema
    .createTable('environment_state')
    .addColumn('environment_uuid', 'text', (column) => column.primaryKey())
    .addColumn('order_version', 'integer', (column) => column.notNull())
    .addColumn('next_number', 'integer', (column) => column.notNull())
    .addColumn('live_deployment_uuid', 'text')
    .addColumn('live_release_uuid', 'text')
    .addColumn('live_number', 'integer')
    .addColumn('live_sha', 'text')
    .addColumn('live_config_version', 'integer')
    .addColumn('previous_live', 'text')
    .addColumn('hold_since', 'text')
    .addColumn('hold_by', 'text')
    .addColumn('hold_reason', 'text')
    .addColumn('remembered', 'text', (column) => column.notNull())
    .addColumn('candidate_number', 'integer')
    .addColumn('candidate_deployment_uuid', 'text')
    .addColumn('stopped', 'integer', (column) => column.notNull())
    .addColumn('fence', 'integer', (column) => column.notNull())
    .addColumn('wake_at', 'text')
    .execute();
}
