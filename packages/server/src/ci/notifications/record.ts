import type { Trx } from '../../store/index.ts';
import type { Change } from '../dependencies.ts';
import type { Build } from '../rows.ts';
import { isFinal, type Outcome } from '../states.ts';
import { type Configured, decideNotifications, type Target } from './decide.ts';
import { payloadOf } from './payload.ts';

/**
 * Writes what is to be told of a build's begin or end, in the transaction that causes it (spec/ordering.md 6): nothing is
 * told of what did not happen, and what did is told although the server dies now.
 */
export async function recordNotifications(
  trx: Trx,
  build: Build,
  outcome: Outcome | null,
  change: Change,
): Promise<void> {
  // Its configuration is a stranger's, who would choose the receivers.
  if (build.trusted !== 1) return;
  const configured: Configured =
    build.notifications === null ? {} : JSON.parse(build.notifications);
  const previous = await previousOutcome(trx, build);
  const event = build.event as 'push';
  const targets = decideNotifications(configured, { event, outcome, previous });
  const wanted = targets.flatMap((target) => peopleOf(target, build));
  if (wanted.length === 0) return;
  const repository = await trx
    .selectFrom('repositories')
    .select(['id', 'slug'])
    .where('uuid', '=', build.repository_uuid)
    .executeTakeFirst();
  if (repository === undefined) return;
  const jobs = await trx
    .selectFrom('jobs')
    .select(['id', 'number', 'state', 'config', 'allow_failure', 'started_at', 'finished_at'])
    .where('build_id', '=', build.id)
    .orderBy('number')
    .execute();
  const { now, publicUrl } = change;
  const payload = payloadOf({ build, repository, jobs, outcome, previous, publicUrl });
  for (const target of wanted) {
    await trx
      .insertInto('notifications')
      .values({
        build_id: build.id,
        repository_uuid: build.repository_uuid,
        kind: target.kind,
        target: JSON.stringify(target),
        payload: JSON.stringify(payload),
        state: 'waiting',
        next_at: now,
        last_error: null,
        created_at: now,
        ended_at: null,
      })
      .execute();
  }
  change.wake('notifications');
}

/** How the newest build before this one on the same branch ended. */
async function previousOutcome(trx: Trx, build: Build): Promise<Outcome | null> {
  const query = trx
    .selectFrom('builds')
    .select('state')
    .where('repository_uuid', '=', build.repository_uuid)
    .where('branch', '=', build.branch)
    .where('number', '<', build.number)
    .where('state', 'in', ['passed', 'failed', 'errored', 'canceled'])
    .orderBy('number', 'desc');
  const ofKind =
    build.event === 'pull_request'
      ? query.where('event', '=', 'pull_request')
      : query.where('event', '!=', 'pull_request');
  const row = await ofKind.executeTakeFirst();
  return row !== undefined && isFinal(row.state) ? row.state : null;
}

/** Email without recipients goes to author and committer, if they turn out to be known here. */
function peopleOf(target: Target, build: Build): (Target & { onlyKnown?: true })[] {
  if (target.to !== undefined) return [target];
  const info = JSON.parse(build.commit_info) as Record<string, { email?: string } | undefined>;
  const emails = [info['author']?.email, info['committer']?.email]
    .filter((email) => email !== undefined && email !== '')
    .map((email) => (email as string).toLowerCase());
  return [...new Set(emails)].map((to) => ({ ...target, to, onlyKnown: true }));
}
