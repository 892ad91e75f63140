import { randomUUID } from 'node:crypto';
import { SluiceError } from '../../errors.ts';
import type { Secrets } from '../../secrets/index.ts';
import type { Store } from '../../store/index.ts';
import type { PreviewDoors } from './doors.ts';

export interface PreviewVariable {
  readonly name: string;
  /** Null when it is sensitive: such values are write-only. */
  readonly value: string | null;
  readonly isSensitive: boolean;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;
const LONGEST = 128 * 1024;
const MOST = 200;
const sealedFor = (uuid: string) => `preview_variable:${uuid}`;

/**
 * The variables that every preview of an application gets. They are a set of their own: no variable of another
 * environment, least of all of `live`, ever gets into a preview.
 */
export function createPreviewVariables(
  store: Store,
  secrets: Pick<Secrets, 'seal' | 'open'>,
  doors: PreviewDoors,
  now: () => string,
) {
  const rows = (applicationUuid: string) =>
    store.db
      .selectFrom('preview_variables')
      .selectAll()
      .where('application_uuid', '=', applicationUuid)
      .orderBy('name')
      .execute();

  const standing = async (applicationUuid: string): Promise<string[]> => {
    const previews = await store.db
      .selectFrom('previews')
      .select('environment_uuid')
      .where('application_uuid', '=', applicationUuid)
      .where('removed_at', 'is', null)
      .execute();
    return previews.map((row) => row.environment_uuid);
  };

  return {
    list: async (applicationUuid: string): Promise<PreviewVariable[]> =>
      (await rows(applicationUuid)).map((row) => ({
        name: row.name,
        value: row.is_sensitive === 1 ? null : secrets.open(row.value_sealed, sealedFor(row.uuid)),
        isSensitive: row.is_sensitive === 1,
      })),

    /** Also in the previews that are there; they run with it from their next deployment on. Throws `invalid`. */
    set: async (
      applicationUuid: string,
      { name, value, isSensitive }: { name: string; value: string; isSensitive: boolean },
    ): Promise<void> => {
      if (!NAME.test(name))
        throw bad('name', 'Use letters, digits and underscores, not a digit first.');
      if (value.includes('\0'))
        throw bad('value', 'A NUL character cannot be passed to a program.');
      if (Buffer.byteLength(value) > LONGEST) throw bad('value', 'Use at most 128 KiB.');
      const before = await rows(applicationUuid);
      const uuid = before.find((row) => row.name === name)?.uuid ?? randomUUID();
      if (before.length >= MOST && !before.some((row) => row.name === name)) {
        throw bad('name', `Previews have at most ${MOST} variables.`);
      }
      const changed = {
        value_sealed: secrets.seal(value, sealedFor(uuid)),
        is_sensitive: isSensitive ? 1 : 0,
        updated_at: now(),
      };
      await store.db
        .insertInto('preview_variables')
        .values({
          ...{ uuid, application_uuid: applicationUuid, name, created_at: now() },
          ...changed,
        })
        .onConflict((conflict) => conflict.column('uuid').doUpdateSet(changed))
        .execute();
      for (const environment of await standing(applicationUuid)) {
        await doors.setVariable(environment, { name, value, isSensitive });
      }
    },

    /** Throws `not_found`. */
    unset: async (applicationUuid: string, name: string): Promise<void> => {
      const { numDeletedRows } = await store.db
        .deleteFrom('preview_variables')
        .where('application_uuid', '=', applicationUuid)
        .where('name', '=', name)
        .executeTakeFirst();
      if (numDeletedRows === 0n) {
        throw new SluiceError('not_found', `Previews have no variable ${name}.`);
      }
      for (const environment of await standing(applicationUuid)) {
        await doors.unsetVariable(environment, name);
      }
    },

    /** Into a preview that was just made. */
    fill: async (applicationUuid: string, environmentUuid: string): Promise<void> => {
      for (const row of await rows(applicationUuid)) {
        await doors.setVariable(environmentUuid, {
          name: row.name,
          value: secrets.open(row.value_sealed, sealedFor(row.uuid)),
          isSensitive: row.is_sensitive === 1,
        });
      }
    },
  };
}

const bad = (field: string, text: string) =>
  new SluiceError('invalid', text, { fields: { [field]: [text] } });
