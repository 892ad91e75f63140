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
    if (application === null) throw new SluiceError('not_found', 'Not found.');
    const identity = await authorise(request, action, {
      organisationUuid: application.organisationUuid,
      applicationUuid: application.uuid,
      repositoryUuid: application.repositoryUuid,
    });
    return { application, identity };
  };

  const application = (request: FastifyRequest, uuid: string, action: Action) =>
    seen(`application ${shortened(uuid)}`, async () =>
      allow(request, await applications.get(uuid), action),
    );

  /** `websiteId` as it stands in the path: what is no number is no website either. */
  const website = (request: FastifyRequest, websiteId: string, action: Action) =>
    seen(
      `application with the website id ${shortened(websiteId)}`,
      async () => {
        const id = /^\d{1,15}$/.test(websiteId) ? Number(websiteId) : 0;
        return allow(request, await applications.byWebsiteId(id), action);
      },
      'The website id is the number that `sluice app list` and the page of the application show.',
    );

  /** By website id, slug or uuid. */
  const anyApplication = (request: FastifyRequest, text: string, action: Action) =>
    seen('such application', async () => allow(request, await applications.find(text), action));

  /** One that was removed and can still be restored. */
  const removedApplication = async (request: FastifyRequest, uuid: string, action: Action) =>
    allow(request, await applications.removed(uuid), action);

  const environment = async (
    request: FastifyRequest,
    uuid: string,
    action: Action,
  ): Promise<OfEnvironment> =>
    seen(`environment ${shortened(uuid)}`, async () => {
      const found = await applications.environment(uuid);
      const of = await application(request, found?.applicationUuid ?? '', action);
      if (found === null) throw new SluiceError('not_found', 'Not found.');
      return { ...of, environment: found };
    });

  /** The deployment with its environment, also one that has been removed since. */
  const deployment = async (
    request: FastifyRequest,
    uuid: string,
    action: Action,
  ): Promise<OfApplication & { readonly deployment: DeploymentView }> =>
    seen('such deployment', async () => {
      const found = await deploy.get(uuid);
      const of = await application(request, found?.applicationUuid ?? '', action);
      if (found === null) throw new SluiceError('not_found', 'Not found.');
      return { ...of, deployment: found };
    });

  return {
    application,
    anyApplication,
    website,
    removedApplication,
    environment,
    deployment,
  };
}

/** The same words for what is not there and for what the asker may not see: that it exists is not told. */
async function seen<T>(what: string, find: () => Promise<T>, remedy?: string): Promise<T> {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'not_found') throw error;
    throw new SluiceError('not_found', `There is no ${what} that you may see.`, {
      ...(remedy === undefined ? {} : { remedy }),
    });
  }
}

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}...` : text);

export type Finders = ReturnType<typeof createFinders>;
