import type { App, HttpContext } from '../context.ts';
import { createTravisAccess } from './access.ts';
import { addTravisBodyParser } from './bodies.ts';
import { registerTravisBuilds } from './builds.ts';
import { registerTravisCaches } from './caches.ts';
import type { TravisContext } from './context.ts';
import { registerTravisEnvVars } from './env-vars.ts';
import { addTravisErrors } from './errors.ts';
import { registerTravisHooks } from './hooks.ts';
import { registerTravisJobs } from './jobs.ts';
import { registerTravisLint } from './lint.ts';
import { registerTravisLogin } from './login.ts';
import { registerTravisRepositories } from './repositories.ts';
import { registerTravisRequests } from './requests.ts';
import { registerTravisSettings } from './settings.ts';
import { registerTravisUsers } from './users.ts';

/**
 * The Travis API that the `travis` command speaks (spec/travis.md 15), at the root where that command looks for it.
 * A scope of its own: bodies and errors are another dialect than that of the rest of the server.
 */
export async function registerTravis(app: App, http: HttpContext): Promise<void> {
  await app.register(async (scope: App) => {
    addTravisBodyParser(scope);
    addTravisErrors(scope);
    const context: TravisContext = { ...http, access: createTravisAccess(http) };
    registerTravisLogin(scope, context);
    registerTravisUsers(scope, context);
    registerTravisRepositories(scope, context);
    registerTravisHooks(scope, context);
    registerTravisBuilds(scope, context);
    registerTravisJobs(scope, context);
    registerTravisRequests(scope, context);
    registerTravisCaches(scope, context);
    registerTravisEnvVars(scope, context);
    registerTravisSettings(scope, context);
    registerTravisLint(scope);
  });
}
