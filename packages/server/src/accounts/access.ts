import { ACTIONS } from '@sluice/contract';
import type { Store } from '../store/index.ts';
import {
  generalStandings,
  inScope,
  permits,
  readableInScope,
  type Standing,
} from './permissions.ts';
import type { Action, Identity, Reach, Role, Target } from './types.ts';

/** Looks up where somebody stands and asks the table. */
export function createAccess(store: Store) {
  const standings = async (identity: Identity, target: Target): Promise<Standing[]> => {
    const found = generalStandings(identity);
    if (identity.jobId !== null) return found;
    if (target.organisationUuid !== undefined) {
      const member = await store.db
        .selectFrom('memberships')
        .select('role')
        .where('organisation_uuid', '=', target.organisationUuid)
        .where('user_uuid', '=', identity.userUuid)
        .executeTakeFirst();
      if (member !== undefined) found.push(member.role);
    }
    if (await collaborates(identity, target)) found.push('application collaborator');
    return found;
  };

  /** On this application; or, when only an organisation is asked about, on any of its applications. */
  const collaborates = async (identity: Identity, target: Target): Promise<boolean> => {
    const { applicationUuid, organisationUuid } = target;
    if (applicationUuid === undefined && organisationUuid === undefined) return false;
    let query = store.db
      .selectFrom('application_collaborators')
      .select('application_uuid')
      .where('user_uuid', '=', identity.userUuid);
    query =
      applicationUuid === undefined
        ? query.where('organisation_uuid', '=', organisationUuid ?? '')
        : query.where('application_uuid', '=', applicationUuid);
    return (await query.limit(1).executeTakeFirst()) !== undefined;
  };

  /** Whether this identity may do this. Deny is the default: only the table says yes. */
  const may = async (identity: Identity, action: Action, target: Target = {}): Promise<boolean> => {
    if (!isOpen(identity, action, target)) return false;
    return permits(relevant(await standings(identity, target), action, target), action);
  };

  /** All that this identity may do to the target, as `may` answers for each. */
  const actionsOn = async (identity: Identity, target: Target): Promise<Action[]> => {
    const about = await standings(identity, target);
    return ACTIONS.filter(
      (action) =>
        isOpen(identity, action, target) && permits(relevant(about, action, target), action),
    );
  };

  /** Somebody's roles, by organisation. */
  const rolesOf = async (userUuid: string): Promise<ReadonlyMap<string, Role>> => {
    const rows = await store.db
      .selectFrom('memberships')
      .select(['organisation_uuid', 'role'])
      .where('user_uuid', '=', userUuid)
      .execute();
    return new Map(rows.map((row) => [row.organisation_uuid, row.role]));
  };

  const reach = async (identity: Identity): Promise<Reach> => {
    if (identity.jobId !== null) {
      return { everything: false, organisations: [], applications: [], only: [] };
    }
    const only = readableInScope(identity.scopes);
    if (identity.isAdmin) return { everything: true, organisations: [], applications: [], only };
    const memberships = await store.db
      .selectFrom('memberships')
      .select(['organisation_uuid', 'role'])
      .where('user_uuid', '=', identity.userUuid)
      .execute();
    const collaborations = await store.db
      .selectFrom('application_collaborators')
      .select('application_uuid')
      .where('user_uuid', '=', identity.userUuid)
      .execute();
    return {
      everything: false,
      organisations: memberships
        .filter(({ role }) => permits([role], 'application:read'))
        .map((row) => row.organisation_uuid),
      applications: collaborations.map((row) => row.application_uuid),
      only,
    };
  };

  return { may, actionsOn, rolesOf, reach };
}

/** Whether a job's or a token's own limits leave it open, whatever the standings. */
function isOpen(identity: Identity, action: Action, target: Target): boolean {
  if (identity.jobId !== null && target.repositoryUuid !== identity.repositoryUuid) return false;
  return inScope(identity.scopes, action, target);
}

/** About an organisation alone, a collaborator on one application may read its name and no more. */
const relevant = (about: readonly Standing[], action: Action, target: Target): Standing[] =>
  about.filter(
    (standing) =>
      standing !== 'application collaborator' ||
      target.applicationUuid !== undefined ||
      action === 'organisation:read',
  );
