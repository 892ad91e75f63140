import type { Store } from '../store/index.ts';
import type { TraceFacts } from './trace.ts';

/** Everything that is known of a deployment's way from the push on; null where it has not ended or is not there. */
export async function readTraceFacts(
  { db }: Store,
  deploymentUuid: string,
): Promise<TraceFacts | null> {
  const deployment = await db
    .selectFrom('deployments as d')
    .innerJoin('environments as e', 'e.uuid', 'd.environment_uuid')
    .innerJoin('applications as a', 'a.uuid', 'd.application_uuid')
    .select(['d.uuid', 'd.number', 'd.sha', 'd.status', 'd.reason', 'd.repository_uuid', 'd.via'])
    .select(['d.accepted_at', 'd.running_at', 'd.ended_at', 'd.requested_by'])
    .select(['e.slug as environment', 'a.slug as application'])
    .where('d.uuid', '=', deploymentUuid)
    .executeTakeFirst();
  if (deployment === undefined || deployment.ended_at === null) return null;
  const { sha, repository_uuid: repository } = deployment;
  const [steps, push, build] = await Promise.all([
    db
      .selectFrom('deployment_steps')
      .select(['step', 'started_at', 'ended_at', 'outcome', 'detail'])
      .where('deployment_uuid', '=', deploymentUuid)
      .orderBy('id')
      .execute(),
    db
      .selectFrom('pushes')
      .select(['ref', 'received_at'])
      .where('repository_uuid', '=', repository)
      .where('after_sha', '=', sha ?? '')
      .orderBy('id')
      .executeTakeFirst(),
    db
      .selectFrom('commit_tests as t')
      .innerJoin('builds as b', 'b.id', 't.build_id')
      .select(['b.id', 'b.number', 'b.state', 'b.created_at', 'b.started_at', 'b.finished_at'])
      .where('t.repository_uuid', '=', repository)
      .where('t.sha', '=', sha ?? '')
      .where('t.event', 'in', ['push', 'api', 'cron'])
      .orderBy('t.build_number', 'desc')
      .executeTakeFirst(),
  ]);
  const jobs =
    build === undefined
      ? []
      : await db
          .selectFrom('jobs')
          .select(['number', 'name', 'stage_name', 'state', 'queued_at', 'started_at'])
          .select(['finished_at', 'lease_runner'])
          .where('build_id', '=', build.id)
          .orderBy('number')
          .execute();
  return {
    deployment: { ...deployment, ended_at: deployment.ended_at },
    steps,
    push: push ?? null,
    build: build ?? null,
    jobs,
  };
}
