import type { FastifyInstance } from 'fastify';
import { createDeployFromJob, registerCiRoutes, registerRunnerRoutes } from './ci/index.ts';
import type { HttpContext } from './context.ts';

/** Hands the CI's routes what they need of the other rooms. */
export async function registerCi(app: FastifyInstance, context: HttpContext): Promise<void> {
  const { applications, authorise, ci, deploy, git, secrets, store } = context;
  await registerCiRoutes(app, {
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
  });
  await registerRunnerRoutes(app, {
    ci,
    deployFromJob: createDeployFromJob({ applications, deploy }),
    // Runners on other machines get a token of their own in a later issue; until then only the socket is open.
    authenticateRunner: async (request) => request.isInternal,
  });
}
