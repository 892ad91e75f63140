import type { App } from '../context.ts';
import type { CiRoutes } from './access.ts';
import { registerArtifacts } from './artifact-routes.ts';
import { registerBuilds } from './build-routes.ts';
import { registerJobs } from './job-routes.ts';
import { registerRepositories } from './repository-routes.ts';

export type { CiRoutes } from './access.ts';
export { createDeployFromJob, type JobDeployRooms } from './job-deploy.ts';
export type { CiRepositories } from './repositories.ts';
export { type RunnerRoutes, registerRunnerRoutes } from './runner-routes.ts';
export { registerRunners } from './runners.ts';

/** Repositories, builds, jobs and logs: `/ci/v3/...`. */
export function registerCiRoutes(app: App, routes: CiRoutes): void {
  registerRepositories(app, routes);
  registerBuilds(app, routes);
  registerJobs(app, routes);
  registerArtifacts(app, routes);
}
