import type { Application, Environment } from '../../applications/index.ts';
import type { Release } from './releases.ts';

/**
 * The variables of a release's processes (spec/divio.md 2): Sluice's own, and over them the user's, exactly as they
 * were set. `PORT` is added by the runtime. There are no services yet, hence no DSNs.
 */
export function processVariables(
  application: Application,
  environment: Environment,
  release: Release,
  host: string,
  secretKey: string,
): Record<string, string> {
  const injected: Record<string, string> = {
    STAGE: environment.slug,
    DOMAIN: host,
    DOMAIN_ALIASES: '',
    DOMAIN_REDIRECTS: '',
    GIT_BRANCH: release.row.branch,
    GIT_COMMIT: release.row.sha,
    SECRET_KEY: secretKey,
    SITE_NAME: application.name,
    DEBUG: environment.slug === 'test' ? 'True' : 'False',
  };
  const own = release.variables.map(({ name, value }) => [name, value]);
  return { ...injected, ...Object.fromEntries(own) };
}

/** Values that no log may show. */
export function secretValues(release: Release, secretKey: string): string[] {
  const sensitive = release.variables.filter((variable) => variable.isSensitive);
  return [secretKey, ...sensitive.map((variable) => variable.value)];
}
