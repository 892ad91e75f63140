import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import { SluiceError } from '../errors.ts';
import type { Secrets } from '../secrets/index.ts';
import type { Store, Trx } from '../store/index.ts';
import type { EnvironmentVariableRow } from '../store/schema/applications.ts';
import { fieldError, NAMES, require } from './names.ts';
import type { Page, Snapshot, Variable } from './types.ts';

export const variableContext = (uuid: string) => `environment_variable:${uuid}`;

const MAX_VARIABLES = 500;

/** Every change of what a release is made of counts, in the transaction that makes it (spec/ordering.md 1). */
export async function bumpConfigVersion(trx: Trx, environmentUuids: readonly string[]) {
  if (environmentUuids.length === 0) return;
  await trx
    .updateTable('environments')
    .set((eb) => ({ config_version: eb('config_version', '+', 1) }))
    .where('uuid', 'in', environmentUuids)
    .execute();
}

export interface NewVariable {
  readonly environmentUuid: string;
  readonly name: string;
  /** Kept exactly: spaces at either end are part of it. */
  readonly value: string;
  readonly isSensitive?: boolean;
}

export interface VariableFilter {
  readonly environmentUuids: readonly string[];
  readonly names?: readonly string[];
}

export function createVariables(
  store: Store,
  secrets: Pick<Secrets, 'seal' | 'open'>,
  now: () => Date,
) {
  const changed = async (trx: Trx, uuid: string, environmentUuid: string): Promise<void> => {
    await bumpConfigVersion(trx, [environmentUuid]);
    const environment = await trx
      .selectFrom('environments')
      .select('application_uuid')
      .where('uuid', '=', environmentUuid)
      .executeTakeFirst();
    const application = environment?.application_uuid ?? null;
    store.changes.emit({ kind: 'variable', id: uuid, application }, trx);
  };

  const open = (row: Selectable<EnvironmentVariableRow>): string =>
    secrets.open(row.value_sealed, variableContext(row.uuid));

  const toVariable = (row: Selectable<EnvironmentVariableRow>): Variable => ({
    uuid: row.uuid,
    environmentUuid: row.environment_uuid,
    name: row.name,
    value: row.is_sensitive === 1 ? null : open(row),
    isSensitive: row.is_sensitive === 1,
  });

  const list = async (
    filter: VariableFilter,
    page: Page = { offset: 0, limit: 100_000 },
  ): Promise<{ count: number; variables: Variable[] }> => {
    if (filter.environmentUuids.length === 0) return { count: 0, variables: [] };
    let query = store.db
      .selectFrom('environment_variables')
      .where('environment_uuid', 'in', filter.environmentUuids);
    if (filter.names !== undefined) query = query.where('name', 'in', filter.names);
    const { count } = await query
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    const rows = await query
      .selectAll()
      .orderBy('environment_uuid')
      .orderBy('name')
      .offset(page.offset)
      .limit(page.limit)
      .execute();
    return { count: Number(count), variables: rows.map(toVariable) };
  };

  const get = async (uuid: string): Promise<Variable | null> => {
    const row = await store.db
      .selectFrom('environment_variables')
      .selectAll()
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    return row === undefined ? null : toVariable(row);
  };

  /** Throws `invalid` when there is one of that name; `update` changes it. */
  const create = async (input: NewVariable): Promise<Variable> => {
    require('name', input.name, NAMES.variable);
    require('value', input.value, NAMES.value);
    const uuid = randomUUID();
    const at = now().toISOString();
    await store.transaction(async (trx) => {
      const others = await trx
        .selectFrom('environment_variables')
        .select('name')
        .where('environment_uuid', '=', input.environmentUuid)
        .execute();
      if (others.some((other) => other.name === input.name)) {
        throw fieldError('name', `There is a variable ${input.name} in this environment already.`);
      }
      if (others.length >= MAX_VARIABLES) {
        throw fieldError('name', `An environment has at most ${MAX_VARIABLES} variables.`);
      }
      await trx
        .insertInto('environment_variables')
        .values({
          uuid,
          environment_uuid: input.environmentUuid,
          name: input.name,
          value_sealed: secrets.seal(input.value, variableContext(uuid)),
          is_sensitive: input.isSensitive === true ? 1 : 0,
          created_at: at,
          updated_at: at,
        })
        .execute();
      await changed(trx, uuid, input.environmentUuid);
    });
    return known(await get(uuid));
  };

  /** A sensitive variable becomes readable only together with a new value: its own stays write-only. */
  const update = async (
    uuid: string,
    change: { value?: string; isSensitive?: boolean },
  ): Promise<Variable> => {
    if (change.value !== undefined) require('value', change.value, NAMES.value);
    const { value } = change;
    await store.transaction(async (trx) => {
      const row = await trx
        .selectFrom('environment_variables')
        .selectAll()
        .where('uuid', '=', uuid)
        .executeTakeFirst();
      if (row === undefined) throw missing();
      if (row.is_sensitive === 1 && change.isSensitive === false && value === undefined) {
        throw fieldError('is_sensitive', 'Give a new value: the sensitive one cannot be shown.');
      }
      await trx
        .updateTable('environment_variables')
        .set({
          ...(value === undefined
            ? {}
            : { value_sealed: secrets.seal(value, variableContext(uuid)) }),
          ...(change.isSensitive === undefined ? {} : { is_sensitive: change.isSensitive ? 1 : 0 }),
          updated_at: now().toISOString(),
        })
        .where('uuid', '=', uuid)
        .execute();
      await changed(trx, uuid, row.environment_uuid);
    });
    return known(await get(uuid));
  };

  const unset = (uuid: string): Promise<void> =>
    store.transaction(async (trx) => {
      const row = await trx
        .deleteFrom('environment_variables')
        .where('uuid', '=', uuid)
        .returning('environment_uuid')
        .executeTakeFirst();
      if (row === undefined) throw missing();
      await changed(trx, uuid, row.environment_uuid);
    });

  /** Creates or changes it by name. Without `isSensitive` a known variable stays as it is. */
  const set = async (input: NewVariable): Promise<Variable> => {
    const { variables } = await list({
      environmentUuids: [input.environmentUuid],
      names: [input.name],
    });
    const [before] = variables;
    if (before === undefined) return create(input);
    const { value, isSensitive } = input;
    return update(before.uuid, { value, ...(isSensitive === undefined ? {} : { isSensitive }) });
  };

  /** Values and the version they belong to, read at one moment. Never leaves the server. */
  const snapshot = (environmentUuid: string): Promise<Snapshot> =>
    store.transaction(async (trx) => {
      const environment = await trx
        .selectFrom('environments')
        .select('config_version')
        .where('uuid', '=', environmentUuid)
        .executeTakeFirst();
      if (environment === undefined) {
        throw new SluiceError('not_found', 'There is no such environment.');
      }
      const rows = await trx
        .selectFrom('environment_variables')
        .selectAll()
        .where('environment_uuid', '=', environmentUuid)
        .orderBy('name')
        .execute();
      return {
        configVersion: environment.config_version,
        variables: rows.map((row) => ({
          name: row.name,
          value: open(row),
          isSensitive: row.is_sensitive === 1,
        })),
      };
    });

  /** For what else releases are made of, in the transaction that changes it. */
  const configurationChanged = (trx: Trx, environmentUuid: string): Promise<void> =>
    bumpConfigVersion(trx, [environmentUuid]);

  return { variables: { list, get, create, update, set, unset }, snapshot, configurationChanged };
}

const missing = () => new SluiceError('not_found', 'There is no such variable.');

function known(variable: Variable | null): Variable {
  if (variable === null) throw missing();
  return variable;
}
