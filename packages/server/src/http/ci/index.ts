export { type CiRepositories, type CiRoutes, registerCiRoutes } from './ci-routes.ts';
export { type RunnerRoutes, registerRunnerRoutes } from './runner-routes.ts';
