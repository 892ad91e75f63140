import { SluiceError } from '../errors.ts';
import type { Actor, Context, Pull } from './context.ts';
import { follow } from './follow.ts';

/**
 * Lets the builds of this author run, now and from now on in this repository. They stay builds of a fork: no secrets, no
 * deployment. Throws `conflict` (`nothing_to_approve`).
 */
export async function approve(context: Context, pull: Pull, by: Actor): Promise<Pull | null> {
  if (pull.state !== 'open' || pull.approval !== 'awaiting') {
    throw new SluiceError('conflict', 'No build of it awaits an approval.', {
      reason: 'nothing_to_approve',
    });
  }
  const { repository_uuid, provider, author_id } = pull;
  await context.store.transaction(async (trx) => {
    await trx
      .insertInto('known_authors')
      .values({
        ...{ repository_uuid, provider, author_id },
        ...{ approved_by: by.email, approved_at: context.now() },
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await trx
      .updateTable('pull_requests')
      .set({ approval: 'approved', approved_by: by.email })
      .where('uuid', '=', pull.uuid)
      .execute();
  });
  return follow(context, pull.uuid);
}
