/**
 * With SLUICE_TEST_DATABASE=postgres the stores of the tests lie in a PostgreSQL that runs as long as the tests do.
 * Each store finds its address in SLUICE_TEST_DATABASE_URL (packages/server/src/store/test/open-store.ts).
 */
import { findPostgres, startPostgres } from '@sluice/testing';

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const { SLUICE_TEST_DATABASE: wanted = '' } = process.env;
  if (wanted === '' || wanted === 'sqlite') return undefined;
  if (wanted !== 'postgres')
    throw new Error(`SLUICE_TEST_DATABASE is sqlite or postgres, not ${wanted}`);
  if ((await findPostgres()) === null)
    throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  const cluster = await startPostgres();
  process.env['SLUICE_TEST_DATABASE_URL'] = cluster.url('postgres');
  return () => cluster.destroy();
}
