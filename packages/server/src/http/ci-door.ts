import type { FastifyInstance } from 'fastify';
import {
  type CiRoutes,
  createDeployFromJob,
  registerCiRoutes,
  registerRunnerRoutes,
  registerRunners,
} from './ci/index.ts';
import type { HttpContext } from './context.ts';

/** What the CI's routes need of the other rooms. */
export function ciRoutes(context: HttpContext): CiRoutes {
  const { applications, authorise, ci, git, secrets, store } = context;
  return {
    ci,
    authorise,
    repositories: {
      get: git.get,
      list: git.list,
      setEnabled: (repositoryUuid, ciEnabled) =>
        store.transaction((trx) => git.update(trx, repositoryUuid, { ciEnabled })),
      publicKey: secrets.publicKey,
    },
    repositoryOfApplication: async (text) =>
      (await applications.find(text))?.repositoryUuid ?? null,
  };
}

export async function registerCi(app: FastifyInstance, context: HttpContext): Promise<void> {
  const { applications, ci, deploy } = context;
  registerCiRoutes(app, ciRoutes(context));
  registerRunners(app, context);
  await registerRunnerRoutes(app, {
    ci,
    deployFromJob: createDeployFromJob({ applications, deploy }),
    publicUrl: context.publicUrl,
  });
}
