import { randomUUID } from 'node:crypto';
import type { EnvVar } from '@sluice/contract';
import { shellValue } from '@sluice/travis-config';
import type { Selectable } from 'kysely';
import { SluiceError } from '../errors.ts';
import type { Store, Trx } from '../store/index.ts';
import type { RepositoryEnvVarRow } from '../store/schema/repository-settings.ts';

/** A variable of a repository's settings (spec/travis.md 3.3). */
export interface SettingsVariable {
  readonly uuid: string;
  readonly repositoryUuid: string;
  readonly name: string;
  /** Shell text; null for a private one, whose value leaves the server only with a job. */
  readonly value: string | null;
  readonly isPublic: boolean;
  /** Null: for every branch. */
  readonly branch: string | null;
}

export interface NewSettingsVariable {
  readonly name: string;
  readonly value: string;
  /** Default: private. */
  readonly isPublic?: boolean;
  readonly branch?: string | null;
}

export interface SettingsVariables {
  /** By name, the one for every branch before those for one. */
  list(repositoryUuid: string): Promise<SettingsVariable[]>;
  /** Null also for a variable of another repository. */
  get(repositoryUuid: string, uuid: string): Promise<SettingsVariable | null>;
  /** Throws `invalid` for a name or value that no shell takes, and for a name that there is for that branch already. */
  create(repositoryUuid: string, input: NewSettingsVariable): Promise<SettingsVariable>;
  /** Throws `invalid` where a private one should become public without a new value. */
  update(
    repositoryUuid: string,
    uuid: string,
    change: Partial<NewSettingsVariable>,
  ): Promise<SettingsVariable>;
  remove(repositoryUuid: string, uuid: string): Promise<void>;
  /** What a job of this branch exports, in order; one for the branch stands for the one for every branch. */
  ofJob(repositoryUuid: string, branch: string): Promise<EnvVar[]>;
}

export interface SettingsVariablesDeps {
  readonly store: Store;
  readonly secrets: {
    seal(plaintext: string, context: string): string;
    open(sealed: string, context: string): string;
  };
  readonly now?: () => Date;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;
const MAX_VALUE_BYTES = 64 * 1024;
const MAX_BRANCH = 250;
const MAX_VARIABLES = 500;

type Row = Selectable<RepositoryEnvVarRow>;

export function createSettingsVariables(deps: SettingsVariablesDeps): SettingsVariables {
  const { store, secrets } = deps;
  const now = () => (deps.now?.() ?? new Date()).toISOString();

  const open = (row: Row) => secrets.open(row.value_sealed, contextOf(row.uuid));
  const seal = (uuid: string, value: string) => secrets.seal(value, contextOf(uuid));

  const told = (repositoryUuid: string, trx?: Trx): void =>
    store.changes.emit({ kind: 'repository', id: repositoryUuid, application: null }, trx);

  const view = (row: Row): SettingsVariable => ({
    uuid: row.uuid,
    repositoryUuid: row.repository_uuid,
    name: row.name,
    value: row.is_public === 1 ? open(row) : null,
    isPublic: row.is_public === 1,
    branch: row.branch === '' ? null : row.branch,
  });

  const rows = (repositoryUuid: string): Promise<Row[]> =>
    store.db
      .selectFrom('repository_env_vars')
      .selectAll()
      .where('repository_uuid', '=', repositoryUuid)
      .orderBy('name')
      .orderBy('branch')
      .execute();

  return {
    list: async (repositoryUuid) => (await rows(repositoryUuid)).map(view),

    get: async (repositoryUuid, uuid) => {
      const found = (await rows(repositoryUuid)).find((row) => row.uuid === uuid);
      return found === undefined ? null : view(found);
    },

    create: async (repositoryUuid, input) => {
      check(input);
      const at = now();
      const uuid = randomUUID();
      const row: Row = {
        uuid,
        repository_uuid: repositoryUuid,
        name: input.name,
        value_sealed: seal(uuid, input.value),
        is_public: input.isPublic === true ? 1 : 0,
        branch: input.branch ?? '',
        created_at: at,
        updated_at: at,
      };
      await store.transaction(async (trx) => {
        const others = await trx
          .selectFrom('repository_env_vars')
          .select(['uuid', 'name', 'branch'])
          .where('repository_uuid', '=', repositoryUuid)
          .execute();
        if (others.length >= MAX_VARIABLES) {
          throw invalid('name', `A repository has at most ${MAX_VARIABLES} variables.`);
        }
        refuseDouble(others, row);
        await trx.insertInto('repository_env_vars').values(row).execute();
        told(repositoryUuid, trx);
      });
      return view(row);
    },

    update: async (repositoryUuid, uuid, change) => {
      check(change);
      return store.transaction(async (trx) => {
        const all = await trx
          .selectFrom('repository_env_vars')
          .selectAll()
          .where('repository_uuid', '=', repositoryUuid)
          .execute();
        const before = all.find((row) => row.uuid === uuid);
        if (before === undefined) throw missing();
        if (before.is_public === 0 && change.isPublic === true && change.value === undefined) {
          throw invalid('public', 'Give a new value: the private one cannot be shown.');
        }
        const row: Row = {
          ...before,
          name: change.name ?? before.name,
          branch: change.branch === undefined ? before.branch : (change.branch ?? ''),
          ...(change.value === undefined ? {} : { value_sealed: seal(uuid, change.value) }),
          ...(change.isPublic === undefined ? {} : { is_public: change.isPublic ? 1 : 0 }),
          updated_at: now(),
        };
        refuseDouble(all, row);
        await trx.updateTable('repository_env_vars').set(row).where('uuid', '=', uuid).execute();
        told(repositoryUuid, trx);
        return view(row);
      });
    },

    remove: async (repositoryUuid, uuid) => {
      const { numDeletedRows } = await store.db
        .deleteFrom('repository_env_vars')
        .where('uuid', '=', uuid)
        .where('repository_uuid', '=', repositoryUuid)
        .executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) throw missing();
      told(repositoryUuid);
    },

    ofJob: async (repositoryUuid, branch) =>
      applicable(await rows(repositoryUuid), branch).map((row) => ({
        text: `${row.name}=${shellValue(open(row))}`,
        secret: row.is_public === 0,
      })),
  };
}

/** Pure: the rows that count on a branch (spec/travis.md 3.3). */
export function applicable<T extends { readonly name: string; readonly branch: string }>(
  rows: readonly T[],
  branch: string,
): T[] {
  const own = new Set(rows.filter((row) => row.branch === branch).map((row) => row.name));
  return rows.filter((row) => row.branch === branch || (row.branch === '' && !own.has(row.name)));
}

const contextOf = (uuid: string) => `repository_env_var:${uuid}`;

const invalid = (field: string, text: string) =>
  new SluiceError('invalid', text, { fields: { [field]: [text] } });

const missing = () => new SluiceError('not_found', 'There is no such variable.');

function check({ name, value, branch }: Partial<NewSettingsVariable>): void {
  if (name !== undefined && !NAME.test(name)) {
    throw invalid('name', 'Use letters, digits and underscores, not a digit first.');
  }
  if (value?.includes('\0')) throw invalid('value', 'A NUL character is not possible in a value.');
  if (value !== undefined && Buffer.byteLength(value) > MAX_VALUE_BYTES) {
    throw invalid('value', `Use at most ${MAX_VALUE_BYTES} bytes.`);
  }
  if (branch && (branch.length > MAX_BRANCH || /[\p{C}\s]/u.test(branch))) {
    throw invalid('branch', 'This is not a name that git allows for a branch.');
  }
}

function refuseDouble(
  others: readonly { readonly uuid: string; readonly name: string; readonly branch: string }[],
  row: Row,
): void {
  const double = others.some(
    (other) => other.uuid !== row.uuid && other.name === row.name && other.branch === row.branch,
  );
  if (!double) return;
  const where = row.branch === '' ? 'for every branch' : `for ${row.branch}`;
  throw invalid('name', `There is a variable ${row.name} ${where} already.`);
}
