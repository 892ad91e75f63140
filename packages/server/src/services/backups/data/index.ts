import type { Backing } from '../../../deploy/runtimes/backing.ts';
import { SluiceError } from '../../../errors.ts';
import type { Secrets } from '../../../secrets/index.ts';
import type { Store } from '../../../store/index.ts';
import { openCredentials } from '../../credentials.ts';
import { inside } from './inside.ts';
import { postgresqlData } from './postgresql.ts';
import { redisData } from './redis.ts';
import { storageData } from './storage.ts';
import type { ServiceData } from './types.ts';

interface Rooms {
  readonly store: Store;
  readonly secrets: Pick<Secrets, 'open'>;
  readonly backing: Backing | null;
  readonly ready: (serviceUuid: string) => Promise<void>;
  readonly toolImage: string;
}

/** The data of a service by its uuid. */
export function createDataOf({ store, secrets, backing, ready, toolImage }: Rooms) {
  return async (serviceUuid: string): Promise<ServiceData> => {
    const row = await store.db
      .selectFrom('service_instances')
      .selectAll()
      .where('uuid', '=', serviceUuid)
      .where('state', '!=', 'removed')
      .executeTakeFirst();
    if (row === undefined) throw new SluiceError('not_found', 'The service was removed.');
    if (backing === null) {
      throw new SluiceError('unavailable', 'Services need the Docker runtime.', {
        remedy: 'An administrator may start the server with --runtime docker.',
      });
    }
    await ready(row.uuid);
    if (row.kind === 'storage') return storageData(backing, row.uuid, toolImage);
    const program = inside(backing, row.uuid);
    const credentials = openCredentials(secrets, row);
    return row.kind === 'redis'
      ? redisData(program, credentials)
      : postgresqlData(program, credentials);
  };
}
