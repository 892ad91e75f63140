import type { Applications } from './applications/index.ts';
import type { Deploy } from './deploy/index.ts';
import type { DeployPipeline } from './deploy/pipeline/index.ts';
import { SluiceError } from './errors.ts';
import type { PreviewDoors } from './pulls/previews/doors.ts';
import type { Services } from './services/index.ts';

const SLUICE = { userUuid: '', email: 'preview', isMachine: true };

export interface PreviewRooms {
  readonly applications: Applications;
  readonly deploy: Pick<Deploy, 'signal' | 'environmentRemoved'>;
  readonly pipeline: Pick<DeployPipeline, 'removeEnvironment'>;
  readonly services: Pick<Services, 'environmentCopied' | 'environmentRemoved'>;
}

/** Lets pull requests have environments without knowing the rooms of applications and deployments. */
export function createPreviewDoors(rooms: PreviewRooms): PreviewDoors {
  const { applications, deploy, pipeline, services } = rooms;
  const named = async (environmentUuid: string, name: string) => {
    const { variables } = await applications.variables.list({
      environmentUuids: [environmentUuid],
      names: [name],
    });
    return variables[0];
  };

  return {
    application: (repositoryUuid) => applications.byRepository(repositoryUuid),
    find: (applicationUuid, slug) => applications.environmentBySlug(applicationUuid, slug),
    create: async (application, environment) => {
      const { uuid } = await applications.createEnvironment(application, environment);
      await applications.updateEnvironment(uuid, { requireBuild: 'off' });
      // With services as `test` has them, empty: what needs a database needs one here too.
      const [first] = await applications.environments(application.uuid);
      if (first !== undefined) await services.environmentCopied(first.uuid, uuid, SLUICE.email);
      return uuid;
    },
    setVariable: async (environmentUuid, variable) => {
      await applications.variables.set({ environmentUuid, ...variable });
    },
    unsetVariable: async (environmentUuid, name) => {
      const found = await named(environmentUuid, name);
      if (found !== undefined) await applications.variables.unset(found.uuid);
    },
    deploy: async (environmentUuid, sha, key) => {
      await deploy.signal({
        ...{ environmentUuid, target: sha, via: 'auto', identity: SLUICE, idempotencyKey: key },
      });
    },
    remove: async (environmentUuid) => {
      await applications.removeEnvironment(environmentUuid).catch((error: unknown) => {
        // By somebody's hand, or before a crash: what runs in it still has to go.
        if (!(error instanceof SluiceError && error.code === 'not_found')) throw error;
      });
      await deploy.environmentRemoved(environmentUuid, SLUICE);
      await pipeline.removeEnvironment(environmentUuid);
      await services.environmentRemoved(environmentUuid, SLUICE.email);
    },
    url: async (environmentUuid) => {
      const environment = await applications.environment(environmentUuid);
      return environment === null ? null : applications.url(environment);
    },
  };
}
