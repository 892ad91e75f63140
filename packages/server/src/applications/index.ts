import { SluiceError } from '../errors.ts';
import type { Git } from '../git/types.ts';
import type { Secrets } from '../secrets/index.ts';
import type { Store } from '../store/index.ts';
import { createBranches } from './branches.ts';
import { createCreate } from './create.ts';
import { readableDomainName } from './domain-names.ts';
import { createDomains } from './domains.ts';
import { createEnvironmentMaker, createEnvironments } from './environments.ts';
import { createQueries } from './list.ts';
import { checkReleaseCommands, fieldError, NAMES, require } from './names.ts';
import { createRemoval } from './removal.ts';
import type { Application, Environment, ReleaseCommand } from './types.ts';
import { bumpConfigVersion, createVariables } from './variables.ts';

export { PLAN_GROUP, REGION } from './catalogue.ts';
export type { NewApplication } from './create.ts';
export type {
  Application,
  Domain,
  Environment,
  EnvironmentLimits,
  Snapshot,
  Variable,
} from './types.ts';

export interface ApplicationsOptions {
  readonly store: Store;
  readonly git: Pick<
    Git,
    'createHosted' | 'ensureOnDisk' | 'get' | 'update' | 'remove' | 'removeFromDisk'
  >;
  readonly secrets: Pick<Secrets, 'seal' | 'open'>;
  readonly settings: { readonly appDomain: string; readonly deletionGraceDays: number };
  /** The router's port as people see it; known only once the router runs. */
  readonly applicationPort: () => number;
  /** Whether something in front ends TLS whatever the port; else only port 443 means https. */
  readonly isSecure?: boolean;
  readonly now?: () => Date;
}

export interface ApplicationChange {
  readonly name?: string;
  readonly releaseCommands?: readonly ReleaseCommand[];
}

/** Applications, their environments and variables. What runs in them is the business of `deploy`. */
export function createApplications(options: ApplicationsOptions) {
  const { store, git, secrets, settings, applicationPort, now = () => new Date() } = options;
  const { isSecure = false } = options;
  const makeEnvironment = createEnvironmentMaker(store.changes, secrets, now);
  const queries = createQueries(store);

  /** Both are injected into releases (`SITE_NAME`, release commands), so either makes a new configuration. */
  const update = async (uuid: string, change: ApplicationChange): Promise<Application> => {
    if (change.name !== undefined) require('name', change.name, NAMES.name);
    const complaint = checkReleaseCommands(change.releaseCommands ?? []);
    if (complaint !== null) throw fieldError('release_commands', complaint);
    await store.transaction(async (trx) => {
      if (change.name === undefined && change.releaseCommands === undefined) return;
      await trx
        .updateTable('applications')
        .set({
          ...(change.name === undefined ? {} : { name: change.name.trim() }),
          ...(change.releaseCommands === undefined
            ? {}
            : { release_commands: JSON.stringify(change.releaseCommands) }),
        })
        .where('uuid', '=', uuid)
        .execute();
      const environments = await trx
        .selectFrom('environments')
        .select('uuid')
        .where('application_uuid', '=', uuid)
        .execute();
      await bumpConfigVersion(
        trx,
        environments.map((environment) => environment.uuid),
      );
      store.changes.emit({ kind: 'application', id: uuid, application: uuid }, trx);
    });
    const application = await queries.get(uuid);
    if (application === null) throw new SluiceError('not_found', 'There is no such application.');
    return application;
  };

  /** `<environment>-<application>.<domain>`, without a port. */
  const host = (environment: Pick<Environment, 'hostLabel'>): string =>
    `${environment.hostLabel}.${settings.appDomain}`;

  /** Where applications answer under a host name that leads to the router. */
  const domainUrl = (name: string): string => {
    const port = applicationPort();
    if (port === 443) return `https://${name}`;
    if (isSecure) return `https://${name}:${port}`;
    return port === 80 ? `http://${name}` : `http://${name}:${port}`;
  };

  const url = (environment: Pick<Environment, 'hostLabel'>): string => domainUrl(host(environment));

  return {
    ...queries,
    ...createCreate(store, git, makeEnvironment, now),
    ...createEnvironments(store, secrets, makeEnvironment, now),
    ...createVariables(store, secrets, now),
    ...createRemoval(store, git, settings.deletionGraceDays, now),
    ...createBranches(store),
    ...createDomains(store, settings.appDomain, now),
    update,
    rename: (uuid: string, name: string) => update(uuid, { name }),
    host,
    url,
    domainUrl,
    readableDomainName,
  };
}

export type Applications = ReturnType<typeof createApplications>;
