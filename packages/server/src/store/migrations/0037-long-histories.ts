import type { Kysely } from 'kysely';

/** What is looked for all the time is found without a look at everything that ever was (docs/explanation/scale.md). */
export async function up(db: Kysely<unknown>): Promise<void> {
  const index = (name: string, table: string, columns: string[]) =>
    db.schema.createIndex(name).on(table).columns(columns);

  // Lists: the newest of a repository, an environment, an application.
  await index('builds_newest', 'builds', ['repository_uuid', 'id']).execute();
  await index('deployments_newest', 'deployments', [
    'environment_uuid',
    'started_at',
    'number',
  ]).execute();
  await index('deployments_of_application', 'deployments', [
    'application_uuid',
    'started_at',
    'number',
  ]).execute();

  // What is under way or still there, which is little however long the history is.
  await index('builds_open', 'builds', ['repository_uuid', 'id'])
    .where('finished_at', 'is', null)
    .execute();
  await index('deployments_open', 'deployments', ['environment_uuid'])
    .where('ended_at', 'is', null)
    .execute();
  await index('messages_open', 'messages', ['consumer', 'topic', 'id'])
    .where('consumed_at', 'is', null)
    .execute();
  await index('releases_kept', 'releases', ['application_uuid'])
    .where('removed_at', 'is', null)
    .execute();
  await index('images_by_state', 'images', ['state']).execute();
  await index('instances_by_state', 'instances', ['state']).execute();

  // What is told again after a crash, and what is let go of with age.
  await index('deployments_accepted', 'deployments', ['accepted_at']).execute();
  await index('deployments_ended', 'deployments', ['ended_at']).execute();
  await index('webhook_deliveries_received', 'webhook_deliveries', ['received_at']).execute();
}
