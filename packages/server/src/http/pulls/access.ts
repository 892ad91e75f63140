import type { PullRequest } from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import type { Action, Identity } from '../../accounts/index.ts';
import { SluiceError } from '../../errors.ts';
import type { Actor, Pull } from '../../pulls/index.ts';
import type { HttpContext } from '../context.ts';
import { pullJson } from './json.ts';

/** What a URL names, for those who may do `action` with its application; for everyone else `not_found` or `forbidden`. */
export function createPullAccess(context: HttpContext) {
  const { accounts, applications, find, publicUrl, pulls } = context;

  const pullRequest = async (
    request: FastifyRequest,
    uuid: string,
    action: Action,
  ): Promise<{ pull: Pull; identity: Identity; application: string }> => {
    const pull = await pulls.get(uuid);
    const owner = pull === null ? null : await applications.byRepository(pull.repository_uuid);
    // The same words as for what exists and may not be seen.
    const { identity } = await find.application(request, owner?.uuid ?? '', action);
    if (pull === null || owner === null) throw new SluiceError('not_found', 'Not found.');
    return { pull, identity, application: owner.uuid };
  };

  /** A person as git and comments name them. */
  const actor = async ({ userUuid, email }: Identity): Promise<Actor> => {
    const user = await accounts.users.get(userUuid);
    const name = `${user?.firstName ?? ''} ${user?.lastName ?? ''}`.trim();
    return { userUuid, email, name: name || email };
  };

  const json = async (pull: Pull, application: string): Promise<PullRequest> =>
    pullJson(pull, { application, publicUrl: publicUrl(), preview: await pulls.previews.of(pull) });

  return { pullRequest, actor, json };
}
