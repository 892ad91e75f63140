import { randomBytes } from 'node:crypto';
import type { Secrets } from '../secrets/index.ts';
import type { ServiceInstanceRow } from '../store/schema/services.ts';
import type { Credentials } from './types.ts';

const context = (uuid: string) => `service_instance:${uuid}`;
const PASSWORD_BYTES = 24;

export function newCredentials(): Credentials {
  const name = `app_${randomBytes(4).toString('hex')}`;
  return { user: name, password: randomBytes(PASSWORD_BYTES).toString('hex'), database: name };
}

export const sealCredentials = (
  secrets: Pick<Secrets, 'seal'>,
  uuid: string,
  credentials: Credentials,
): string => secrets.seal(JSON.stringify(credentials), context(uuid));

export const openCredentials = (
  secrets: Pick<Secrets, 'open'>,
  row: Pick<ServiceInstanceRow, 'uuid' | 'credentials_sealed'>,
): Credentials => JSON.parse(secrets.open(row.credentials_sealed, context(row.uuid)));
