import { addComment } from './comments.ts';
import type { Context, Pull } from './context.ts';

const RECENT_MS = 14 * 24 * 60 * 60_000;

/**
 * Tells on merged pull requests which deployment made their change live, in each environment of their base, once. That
 * matters most where it was not their own: a later merge superseded it and carries it.
 */
export async function tellCarried(context: Context): Promise<void> {
  const since = new Date(Date.parse(context.now()) - RECENT_MS).toISOString();
  const pulls = await context.store.db
    .selectFrom('pull_requests')
    .selectAll()
    .where('provider', '=', 'sluice')
    .where('state', '=', 'merged')
    .where('merged_sha', 'is not', null)
    .where('ended_at', '>=', since)
    .execute();
  for (const pull of pulls) await tell(context, pull);
}

async function tell(context: Context, pull: Pull): Promise<void> {
  const { store, git } = context;
  const { merged_sha: merged, ended_at: ended } = pull;
  if (merged === null || ended === null) return;
  const told = new Set(
    pull.told_deployment === null ? [] : (JSON.parse(pull.told_deployment) as string[]),
  );
  const environments = await store.db
    .selectFrom('environments as e')
    .innerJoin('applications as a', 'a.uuid', 'e.application_uuid')
    .select(['e.uuid', 'e.slug'])
    .where('a.repository_uuid', '=', pull.repository_uuid)
    .where('e.branch', '=', pull.base_ref)
    .where('e.deleted_at', 'is', null)
    .where('e.uuid', 'not in', (eb) => eb.selectFrom('previews').select('environment_uuid'))
    .execute();
  for (const { uuid, slug } of environments.filter((one) => !told.has(one.uuid))) {
    const deployments = await store.db
      .selectFrom('deployments')
      .select(['uuid', 'sha'])
      .where('environment_uuid', '=', uuid)
      .where('status', '=', 'SUCCEEDED')
      .where('ended_at', '>=', ended)
      .orderBy('number')
      .limit(100)
      .execute();
    for (const { uuid: deployment, sha } of deployments) {
      if (sha === null) continue;
      if (!(await git.history(pull.repository_uuid).isAncestor(merged, sha))) continue;
      told.add(uuid);
      await write(context, pull, [...told], sentence({ slug, deployment, sha, merged }));
      break;
    }
  }
}

function sentence(live: { slug: string; deployment: string; sha: string; merged: string }): string {
  const own = `Live in ${live.slug} with deployment ${live.deployment}`;
  if (live.sha === live.merged) return `${own}.`;
  return `${own} of ${live.sha.slice(0, 10)}, which carries ${live.merged.slice(0, 10)}.`;
}

/** Remark and memory in one transaction: it is told once. */
async function write(
  context: Context,
  pull: Pull,
  told: readonly string[],
  text: string,
): Promise<void> {
  await context.store.transaction(async (trx) => {
    await trx
      .updateTable('pull_requests')
      .set({ told_deployment: JSON.stringify(told) })
      .where('uuid', '=', pull.uuid)
      .execute();
    await addComment(context, pull, null, text, trx);
  });
}
