import type { FastifyRequest } from 'fastify';
import type { Action } from '../../accounts/index.ts';
import { SluiceError } from '../../errors.ts';
import type { HttpContext } from '../context.ts';
import { filterOf } from '../lists.ts';

/** Backups and all that belongs to them, for those who may do `action` in their environment. */
export function createBackupFinders({ accounts, applications, backups, find }: HttpContext) {
  const inEnvironment = async <T>(
    request: FastifyRequest,
    found: T | null,
    environmentUuid: string | undefined,
    action: Action,
  ) => {
    const of = await find.environment(request, environmentUuid ?? '', action);
    if (found === null) throw new SluiceError('not_found', 'Not found.');
    return { ...of, found };
  };

  const backup = async (request: FastifyRequest, uuid: string, action: Action) => {
    const found = await backups.get(uuid);
    return inEnvironment(request, found, found?.environment_uuid, action);
  };
  const ofPart = async (request: FastifyRequest, partUuid: string, action: Action) => {
    const found = await backups.ofPart(partUuid);
    return inEnvironment(request, found, found?.environment_uuid, action);
  };
  const restore = async (request: FastifyRequest, uuid: string, action: Action) => {
    const found = await backups.restoreOf(uuid);
    return inEnvironment(request, found, found?.environment_uuid, action);
  };
  const schedule = async (request: FastifyRequest, uuid: string, action: Action) => {
    const found = await backups.schedules.get(uuid);
    return inEnvironment(request, found, found?.environment_uuid, action);
  };

  /** Of those that the identity may read, the ones that the query names. */
  const environments = async (
    identity: Parameters<typeof accounts.reach>[0],
    query: { readonly environment?: string | string[]; readonly application?: string | string[] },
  ): Promise<string[]> => {
    const named = filterOf(query.environment);
    const uuids = filterOf(query.application);
    const { applications: readable } = await applications.list(
      uuids === undefined ? {} : { uuids },
      { offset: 0, limit: 10_000 },
      await accounts.reach(identity),
    );
    const all = await applications.environments(readable.map(({ uuid }) => uuid));
    return all.map(({ uuid }) => uuid).filter((uuid) => named?.includes(uuid) ?? true);
  };

  return { backup, ofPart, restore, schedule, environments };
}
