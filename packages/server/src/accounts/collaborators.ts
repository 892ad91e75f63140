import type { Store, Trx } from '../store/index.ts';
import type { Audit } from './audit.ts';
import { requireUser } from './organisations.ts';
import type { Actor } from './types.ts';

export interface Collaborator {
  readonly applicationUuid: string;
  readonly userUuid: string;
  readonly email: string;
}

interface Collaboration {
  readonly applicationUuid: string;
  readonly organisationUuid: string;
  readonly userUuid: string;
}

/** Who works on one application without running its organisation (spec/divio.md 1). */
export function createCollaborators(store: Store, audit: Audit, now: () => Date) {
  /** In the transaction that makes the application, when its maker is a mere collaborator of the organisation. */
  const add = async (trx: Trx | null, row: Collaboration, actor: Actor): Promise<void> => {
    if (trx === null) return store.transaction((own) => add(own, row, actor));
    await requireUser(trx, row.userUuid);
    await trx
      .insertInto('application_collaborators')
      .values({
        application_uuid: row.applicationUuid,
        organisation_uuid: row.organisationUuid,
        user_uuid: row.userUuid,
        created_at: now().toISOString(),
      })
      .onConflict((conflict) => conflict.columns(['application_uuid', 'user_uuid']).doNothing())
      .execute();
    await audit.record(trx, {
      actor,
      action: 'collaborator.add',
      target: `application:${row.applicationUuid}`,
      details: { user: row.userUuid },
    });
  };

  const remove = (applicationUuid: string, userUuid: string, actor: Actor) =>
    store.transaction(async (trx) => {
      await trx
        .deleteFrom('application_collaborators')
        .where('application_uuid', '=', applicationUuid)
        .where('user_uuid', '=', userUuid)
        .execute();
      await audit.record(trx, {
        actor,
        action: 'collaborator.remove',
        target: `application:${applicationUuid}`,
        details: { user: userUuid },
      });
    });

  const list = async (applicationUuid: string): Promise<Collaborator[]> => {
    const rows = await store.db
      .selectFrom('application_collaborators as c')
      .innerJoin('users as u', 'u.uuid', 'c.user_uuid')
      .select(['c.user_uuid', 'u.email'])
      .where('c.application_uuid', '=', applicationUuid)
      .orderBy('u.email')
      .execute();
    return rows.map((row) => ({ applicationUuid, userUuid: row.user_uuid, email: row.email }));
  };

  return { add, remove, list };
}
