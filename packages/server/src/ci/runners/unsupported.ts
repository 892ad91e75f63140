import type { Trx } from '../../store/index.ts';
import { needsOf } from './needs.ts';

/**
 * Why no machine of this installation can ever run a job of this configuration; null when one can, were it only later.
 * An `os` counts as served once a runner of it is registered, even while that is away.
 */
export async function unsupportedMachine(
  trx: Pick<Trx, 'selectFrom'>,
  config: Readonly<Record<string, unknown>>,
): Promise<string | null> {
  const { os } = needsOf(config);
  if (os === undefined || os === 'linux') return null;
  const served = await trx
    .selectFrom('runners')
    .select('uuid')
    .where('os', '=', os)
    .limit(1)
    .executeTakeFirst();
  if (served !== undefined) return null;
  return `There is no runner for os: ${os} here; jobs run on linux. Take it out of the matrix, or allow the job to fail.`;
}
