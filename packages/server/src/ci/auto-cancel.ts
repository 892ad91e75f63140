import { SluiceError } from '../errors.ts';
import type { Topics } from '../store/index.ts';
import type { Control } from './control.ts';
import type { Context } from './dependencies.ts';
import { readRepositorySettings } from './repository-settings.ts';

/**
 * Cancels the builds of a push's branch that are older and have not begun to run, where the repository's settings
 * ask for it. Finds nothing left to do when it is called again for the same push.
 */
export function createAutoCancel(
  context: Context,
  control: Pick<Control, 'cancelBuild'>,
): (push: Topics['push']) => Promise<void> {
  const { db } = context.store;
  return async ({ pushId, repositoryUuid }) => {
    const settings = await readRepositorySettings(context, repositoryUuid);
    if (!settings.autoCancelPushes) return;
    const build = await db
      .selectFrom('builds')
      .select(['number', 'branch', 'tag'])
      .where('push_id', '=', pushId)
      .executeTakeFirst();
    if (build === undefined || build.tag !== null) return;
    const older = await db
      .selectFrom('builds')
      .select('id')
      .where('repository_uuid', '=', repositoryUuid)
      .where('event', '=', 'push')
      .where('branch', '=', build.branch)
      .where('tag', 'is', null)
      .where('state', '=', 'created')
      .where('number', '<', build.number)
      .execute();
    for (const { id } of older) {
      await control.cancelBuild(id, `build #${build.number}`).catch((error: unknown) => {
        // A runner or a person was quicker.
        if (!(error instanceof SluiceError && error.code === 'conflict')) throw error;
      });
    }
  };
}
