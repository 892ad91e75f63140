import type { Action, Identity, Role, Scope, Target } from './types.ts';

/**
 * Who may do what: the one table (spec/divio.md 1). What does not stand here is denied.
 * `any` is everyone who is signed in; `administrator` runs the installation; `job` is a job's own token, and
 * its only action is further limited to the job's repository.
 */
const READ = ['application:read', 'repository:read', 'build:read'] as const;
const WORK = [
  ...READ,
  'application:deploy',
  'application:write',
  'repository:push',
  'build:write',
] as const;
const RUN = [
  ...WORK,
  'application:create',
  'application:delete',
  'repository:force-push',
  'organisation:read',
  'organisation:admin',
] as const;

export type Standing = Role | 'any' | 'application collaborator' | 'administrator' | 'job';

const PERMISSIONS: Readonly<Record<Standing, readonly Action[]>> = {
  any: ['token:manage'],
  collaborator: ['organisation:read', 'application:create'],
  deployer: [...READ, 'organisation:read', 'application:create', 'application:deploy'],
  'application collaborator': [...WORK, 'organisation:read'],
  admin: RUN,
  owner: [...RUN, 'organisation:own'],
  administrator: [...RUN, 'organisation:own', 'token:manage', 'user:manage', 'installation:admin'],
  job: ['repository:read'],
};

/** A scope that names the left action means the right ones too, or nobody could use it. */
const IMPLIED: Readonly<Partial<Record<Action, readonly Action[]>>> = {
  'application:deploy': ['application:read'],
  'application:write': ['application:read'],
  'application:delete': ['application:read'],
  'application:create': ['application:read'],
  'repository:push': ['repository:read', 'application:read'],
  'repository:force-push': ['repository:push', 'repository:read', 'application:read'],
  'repository:read': ['application:read'],
  'build:read': ['application:read'],
  'build:write': ['build:read', 'application:read'],
};

/** Names of organisations are shown beside every application, so no scope hides them from their readers. */
const ALWAYS_IN_SCOPE: readonly Action[] = ['organisation:read'];

/** Pure: whether someone of these standings may do it. */
export function permits(standings: readonly Standing[], action: Action): boolean {
  return standings.some((standing) => PERMISSIONS[standing].includes(action));
}

const grants = (scope: Scope, action: Action): boolean =>
  scope.actions.some((given) => given === action || (IMPLIED[given]?.includes(action) ?? false));

/** Whether a token's scopes leave `action` on `target` open. `null` scopes leave everything open. */
export function inScope(
  scopes: readonly Scope[] | null,
  action: Action,
  target: Target = {},
): boolean {
  if (scopes === null || ALWAYS_IN_SCOPE.includes(action)) return true;
  return scopes.some(
    (scope) =>
      grants(scope, action) &&
      (scope.applications === undefined ||
        (target.applicationUuid !== undefined &&
          scope.applications.includes(target.applicationUuid))),
  );
}

/** The applications to which the scopes limit `application:read`; null: no limit. */
export function readableInScope(scopes: readonly Scope[] | null): readonly string[] | null {
  if (scopes === null) return null;
  const readable = scopes.filter((scope) => grants(scope, 'application:read'));
  if (readable.some((scope) => scope.applications === undefined)) return null;
  return [...new Set(readable.flatMap((scope) => scope.applications ?? []))];
}

/** Whether `wanted` allows nothing beyond `held`: a scoped token cannot make a wider one. */
export function within(held: readonly Scope[] | null, wanted: readonly Scope[] | null): boolean {
  if (held === null) return true;
  if (wanted === null) return false;
  return wanted.every((scope) =>
    scope.actions.every((action) =>
      scope.applications === undefined
        ? held.some((own) => grants(own, action) && own.applications === undefined)
        : scope.applications.every((applicationUuid) => inScope(held, action, { applicationUuid })),
    ),
  );
}

/** The standings that do not depend on a target. */
export function generalStandings(identity: Identity): Standing[] {
  if (identity.jobId !== null) return ['job'];
  return identity.isAdmin ? ['any', 'administrator'] : ['any'];
}
