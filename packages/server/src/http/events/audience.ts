import type { ChangeKind } from '@sluice/contract';
import type { Accounts, Action, Identity, Target } from '../../accounts/index.ts';
import type { PlacedChange } from './scopes.ts';

/** What one must be allowed to hear of a change of this kind; those of a person's own are theirs besides. */
const ACTIONS: Readonly<Record<ChangeKind, Action>> = {
  application: 'application:read',
  environment: 'application:read',
  deployment: 'application:read',
  instance: 'application:read',
  variable: 'application:read',
  domain: 'application:read',
  service: 'application:read',
  build: 'build:read',
  job: 'build:read',
  repository: 'repository:read',
  organisation: 'organisation:read',
  member: 'organisation:read',
  token: 'user:manage',
  session: 'user:manage',
  user: 'user:manage',
  system: 'installation:admin',
};

/** Without a target these would be a question about nothing, which an administrator alone may ask. */
const NEEDS_NO_TARGET: readonly ChangeKind[] = ['token', 'session', 'user', 'system'];

/** Whether an identity may hear of changes. Its answers are kept: make a new one when rights may have changed. */
export function createAudience(accounts: Pick<Accounts, 'may'>, identity: Identity) {
  const known = new Map<string, Promise<boolean>>();

  const may = (action: Action, target: Target): Promise<boolean> => {
    const key = `${action} ${target.applicationUuid} ${target.repositoryUuid} ${target.organisationUuid}`;
    const asked = known.get(key) ?? accounts.may(identity, action, target);
    known.set(key, asked);
    asked.catch(() => known.delete(key));
    return asked;
  };

  return {
    hears: async ({ change, target, user }: PlacedChange): Promise<boolean> => {
      const kind = change.kind as ChangeKind;
      if (user !== null && user === identity.userUuid) return true;
      if (Object.keys(target).length === 0 && !NEEDS_NO_TARGET.includes(kind)) return false;
      return may(ACTIONS[kind], target);
    },
  };
}
