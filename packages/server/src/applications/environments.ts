import { randomBytes, randomUUID } from 'node:crypto';
import { SluiceError } from '../errors.ts';
import type { Secrets } from '../secrets/index.ts';
import type { Store, Trx } from '../store/index.ts';
import type { EnvironmentRow } from '../store/schema/applications.ts';
import { fieldError, NAMES, readRequireBuild, require } from './names.ts';
import { toEnvironment } from './rows.ts';
import type { Application, Environment, EnvironmentLimits } from './types.ts';
import { bumpConfigVersion, variableContext } from './variables.ts';

/** Clients count on this order: `test` first, `live` second (spec/divio.md 4.6). */
export const FIRST_ENVIRONMENTS = ['test', 'live'] as const;

interface NewEnvironment {
  readonly slug: string;
  readonly branch: string;
  readonly position: number;
}

export interface EnvironmentChange {
  readonly branch?: string;
  readonly autoDeploy?: boolean;
  readonly requireBuild?: string;
  readonly instances?: number;
  /** Those that are named; whether they can be had is asked before. */
  readonly limits?: Partial<EnvironmentLimits>;
}

export type EnvironmentMaker = (
  trx: Trx,
  application: Pick<Application, 'uuid' | 'slug'>,
  input: NewEnvironment,
) => Promise<Environment>;

const secretKeyContext = (uuid: string) => `environment_secret_key:${uuid}`;

export function createEnvironmentMaker(
  changes: Store['changes'],
  secrets: Pick<Secrets, 'seal'>,
  now: () => Date,
): EnvironmentMaker {
  return async (trx, application, input) => {
    require('slug', input.slug, NAMES.environmentSlug);
    require('branch', input.branch, NAMES.branch);
    const hostLabel = `${input.slug}-${application.slug}`;
    await refuseTakenNames(trx, application.uuid, input.slug, hostLabel);
    const uuid = randomUUID();
    const row: EnvironmentRow = {
      uuid,
      application_uuid: application.uuid,
      slug: input.slug,
      position: input.position,
      branch: input.branch,
      auto_deploy: 0,
      require_build: 'auto',
      config_version: 1,
      instances: 1,
      limit_milli_cpus: null,
      limit_memory_bytes: null,
      limit_processes: null,
      secret_key_sealed: secrets.seal(
        randomBytes(48).toString('base64url'),
        secretKeyContext(uuid),
      ),
      host_label: hostLabel,
      created_at: now().toISOString(),
      deleted_at: null,
    };
    await trx.insertInto('environments').values(row).execute();
    changes.emit({ kind: 'environment', id: uuid, application: application.uuid }, trx);
    return toEnvironment(row);
  };
}

function limitColumns({ milliCpus, memoryBytes, processes }: Partial<EnvironmentLimits>) {
  return {
    ...(milliCpus === undefined ? {} : { limit_milli_cpus: milliCpus }),
    ...(memoryBytes === undefined ? {} : { limit_memory_bytes: memoryBytes }),
    ...(processes === undefined ? {} : { limit_processes: processes }),
  };
}

/** `a-b` of `c` and `a` of `b-c` would share an address, so the label is unique over all applications. */
async function refuseTakenNames(
  trx: Trx,
  applicationUuid: string,
  slug: string,
  hostLabel: string,
): Promise<void> {
  const taken = await trx
    .selectFrom('environments')
    .select('application_uuid')
    .where('host_label', '=', hostLabel)
    .executeTakeFirst();
  if (taken === undefined) return;
  throw fieldError(
    'slug',
    taken.application_uuid === applicationUuid
      ? `There is an environment "${slug}" already.`
      : `The address ${hostLabel} belongs to another application; use another slug.`,
  );
}

export function createEnvironments(
  store: Store,
  secrets: Pick<Secrets, 'seal' | 'open'>,
  makeEnvironment: EnvironmentMaker,
  now: () => Date,
) {
  /** Neither removed itself nor part of a removed application. */
  const existing = () =>
    store.db
      .selectFrom('environments')
      .selectAll()
      .where('deleted_at', 'is', null)
      .where('application_uuid', 'in', (eb) =>
        eb
          .selectFrom('applications')
          .select('applications.uuid')
          .where('applications.deleted_at', 'is', null),
      );

  /** Of one application, or of several, in their order. */
  const environments = async (applications: string | readonly string[]): Promise<Environment[]> => {
    const uuids = typeof applications === 'string' ? [applications] : applications;
    if (uuids.length === 0) return [];
    const rows = await existing()
      .where('application_uuid', 'in', uuids)
      .orderBy('application_uuid')
      .orderBy('position')
      .execute();
    return rows.map(toEnvironment);
  };

  const environment = async (uuid: string): Promise<Environment | null> => {
    const row = await existing().where('uuid', '=', uuid).executeTakeFirst();
    return row === undefined ? null : toEnvironment(row);
  };

  const environmentBySlug = async (
    applicationUuid: string,
    slug: string,
  ): Promise<Environment | null> => {
    const row = await existing()
      .where('application_uuid', '=', applicationUuid)
      .where('slug', '=', slug)
      .executeTakeFirst();
    return row === undefined ? null : toEnvironment(row);
  };

  /** Empty, or with `copyOf` a copy: branch, settings and variables, but a `SECRET_KEY` of its own. */
  const createEnvironment = (
    application: Pick<Application, 'uuid' | 'slug'>,
    input: { slug: string; branch?: string | null; copyOf?: string },
  ): Promise<Environment> =>
    store.transaction(async (trx) => {
      const rows = await trx
        .selectFrom('environments')
        .selectAll()
        .where('application_uuid', '=', application.uuid)
        .orderBy('position')
        .execute();
      const source = rows.find((row) => row.uuid === input.copyOf);
      const position = Math.max(-1, ...rows.map((row) => row.position)) + 1;
      const branch = input.branch || source?.branch || rows[0]?.branch || 'main';
      const made = await makeEnvironment(trx, application, { slug: input.slug, branch, position });
      if (source === undefined) return made;
      await copySettings(trx, source, made.uuid);
      const copy = await trx
        .selectFrom('environments')
        .selectAll()
        .where('uuid', '=', made.uuid)
        .executeTakeFirstOrThrow();
      return toEnvironment(copy);
    });

  const copySettings = async (trx: Trx, source: EnvironmentRow, target: string): Promise<void> => {
    await trx
      .updateTable('environments')
      .set({
        auto_deploy: source.auto_deploy,
        require_build: source.require_build,
        instances: source.instances,
        limit_milli_cpus: source.limit_milli_cpus,
        limit_memory_bytes: source.limit_memory_bytes,
        limit_processes: source.limit_processes,
      })
      .where('uuid', '=', target)
      .execute();
    const variables = await trx
      .selectFrom('environment_variables')
      .selectAll()
      .where('environment_uuid', '=', source.uuid)
      .execute();
    const at = now().toISOString();
    for (const variable of variables) {
      // A sealed value is bound to its row, so a copy is opened and sealed anew.
      const value = secrets.open(variable.value_sealed, variableContext(variable.uuid));
      const uuid = randomUUID();
      await trx
        .insertInto('environment_variables')
        .values({
          ...variable,
          uuid,
          environment_uuid: target,
          value_sealed: secrets.seal(value, variableContext(uuid)),
          created_at: at,
          updated_at: at,
        })
        .execute();
    }
  };

  const updateEnvironment = async (
    uuid: string,
    change: EnvironmentChange,
  ): Promise<Environment> => {
    if (change.branch !== undefined) require('branch', change.branch, NAMES.branch);
    const requireBuild =
      change.requireBuild === undefined ? undefined : readRequireBuild(change.requireBuild);
    await store.transaction(async (trx) => {
      const before = await trx
        .selectFrom('environments')
        .selectAll()
        .where('uuid', '=', uuid)
        .where('deleted_at', 'is', null)
        .executeTakeFirst();
      if (before === undefined) throw new SluiceError('not_found', 'There is no such environment.');
      await trx
        .updateTable('environments')
        .set({
          branch: change.branch ?? before.branch,
          auto_deploy:
            change.autoDeploy === undefined ? before.auto_deploy : change.autoDeploy ? 1 : 0,
          require_build: requireBuild ?? before.require_build,
          instances: change.instances ?? before.instances,
          ...limitColumns(change.limits ?? {}),
        })
        .where('uuid', '=', uuid)
        .execute();
      // The branch is injected as GIT_BRANCH, so a release made with another one is another release.
      if (change.branch !== undefined && change.branch !== before.branch) {
        await bumpConfigVersion(trx, [uuid]);
      }
      const { application_uuid: application } = before;
      store.changes.emit({ kind: 'environment', id: uuid, application }, trx);
    });
    store.events.emit(`environment:${uuid}`);
    const after = await environment(uuid);
    if (after === null) throw new SluiceError('not_found', 'There is no such environment.');
    return after;
  };

  /** Its name becomes free at once; its rows stay for the history of its deployments. */
  const removeEnvironment = async (uuid: string): Promise<void> => {
    await store.transaction(async (trx) => {
      const row = await trx
        .selectFrom('environments')
        .select(['slug', 'host_label', 'application_uuid'])
        .where('uuid', '=', uuid)
        .where('deleted_at', 'is', null)
        .executeTakeFirst();
      if (row === undefined) throw new SluiceError('not_found', 'There is no such environment.');
      await trx
        .updateTable('environments')
        .set({
          deleted_at: now().toISOString(),
          slug: `${row.slug}~${uuid}`,
          host_label: `${row.host_label}~${uuid}`,
        })
        .where('uuid', '=', uuid)
        .execute();
      await trx.deleteFrom('environment_variables').where('environment_uuid', '=', uuid).execute();
      await trx.deleteFrom('domains').where('environment_uuid', '=', uuid).execute();
      const { application_uuid: application } = row;
      store.changes.emit({ kind: 'environment', id: uuid, application }, trx);
    });
    store.events.emit(`environment:${uuid}`);
  };

  /** Stable over deployments; injected as `SECRET_KEY`. */
  const secretKey = async (uuid: string): Promise<string> => {
    const row = await store.db
      .selectFrom('environments')
      .select('secret_key_sealed')
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    if (row === undefined) throw new SluiceError('not_found', 'There is no such environment.');
    return secrets.open(row.secret_key_sealed, secretKeyContext(uuid));
  };

  return {
    environments,
    environment,
    environmentBySlug,
    createEnvironment,
    updateEnvironment,
    removeEnvironment,
    secretKey,
  };
}
