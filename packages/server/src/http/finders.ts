import type { FastifyRequest } from 'fastify';
import type { Action, Identity } from '../accounts/index.ts';
import type { Application, Applications, Environment } from '../applications/index.ts';
import { SluiceError } from '../errors.ts';
import type { Authorise } from './authorise-types.ts';
import type { DeployDoor, DeploymentView } from './deploy-door.ts';

interface Rooms {
  readonly authorise: Authorise;
  readonly applications: Applications;
  readonly deploy: Pick<DeployDoor, 'get'>;
}

export interface OfApplication {
  readonly application: Application;
  readonly identity: Identity;
}

export interface OfEnvironment extends OfApplication {
  readonly environment: Environment;
}

/** What a URL names, for those who may do `action` with it; for everyone else `not_found` or `forbidden`. */
export function createFinders({ authorise, applications, deploy }: Rooms) {
  const allow = async (
    request: FastifyRequest,
    application: Application | null,
    action: Action,
  ): Promise<OfApplication> => {
    // The same words as for what exists and may not be seen.
    if (application === null) throw new SluiceError('not_found', 'Not found.');
    const identity = await authorise(request, action, {
      organisationUuid: application.organisationUuid,
      applicationUuid: application.uuid,
      repositoryUuid: application.repositoryUuid,
    });
    return { application, identity };
  };

  const application = async (request: FastifyRequest, uuid: string, action: Action) =>
    allow(request, await applications.get(uuid), action);

  const website = async (request: FastifyRequest, websiteId: number, action: Action) =>
    allow(request, await applications.byWebsiteId(websiteId), action);

  /** By website id, slug or uuid. */
  const anyApplication = async (request: FastifyRequest, text: string, action: Action) =>
    allow(request, await applications.find(text), action);

  /** One that was removed and can still be restored. */
  const removedApplication = async (request: FastifyRequest, uuid: string, action: Action) =>
    allow(request, await applications.removed(uuid), action);

  const environment = async (
    request: FastifyRequest,
    uuid: string,
    action: Action,
  ): Promise<OfEnvironment> => {
    const found = await applications.environment(uuid);
    const of = await application(request, found?.applicationUuid ?? '', action);
    if (found === null) throw new SluiceError('not_found', 'Not found.');
    return { ...of, environment: found };
  };

  /** The deployment with its environment, also one that has been removed since. */
  const deployment = async (
    request: FastifyRequest,
    uuid: string,
    action: Action,
  ): Promise<OfApplication & { readonly deployment: DeploymentView }> => {
    const found = await deploy.get(uuid);
    const of = await application(request, found?.applicationUuid ?? '', action);
    if (found === null) throw new SluiceError('not_found', 'Not found.');
    return { ...of, deployment: found };
  };

  return {
    application,
    anyApplication,
    website,
    removedApplication,
    environment,
    deployment,
  };
}

export type Finders = ReturnType<typeof createFinders>;
