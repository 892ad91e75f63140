import type { Application, Domain, Environment } from '../../applications/index.ts';
import type { Release } from './releases.ts';

/** Host names as an application is told of them. */
export interface HostNames {
  readonly main: string;
  readonly aliases: readonly string[];
  /** Those that redirect to the main one. */
  readonly redirects: readonly string[];
}

/**
 * The primary domain, else the fixed name, is the main one. All others that do not redirect are aliases, also the fixed name, under which the
 * environment goes on to answer: an application that refuses unknown hosts must know it.
 */
export function namesOf(
  fixed: string,
  domains: readonly Pick<Domain, 'name' | 'isPrimary' | 'isRedirect'>[],
): HostNames {
  const main = domains.find((domain) => domain.isPrimary)?.name ?? fixed;
  const redirects = domains.filter(({ isRedirect }) => isRedirect).map(({ name }) => name);
  const all = [fixed, ...domains.map(({ name }) => name)];
  const aliases = all.filter((name) => name !== main && !redirects.includes(name));
  return { main, aliases, redirects };
}

/** Where a release runs, as far as its variables tell of it. */
export interface Surroundings {
  readonly application: Pick<Application, 'name'>;
  readonly environment: Pick<Environment, 'slug'>;
  readonly names: HostNames;
  readonly secretKey: string;
  /** Of the services behind the environment. */
  readonly services: Readonly<Record<string, string>>;
}

/**
 * The variables of a release's processes (spec/divio.md 2): Sluice's own, and over them the user's, exactly as they
 * were set. `PORT` is added by the runtime.
 */
export function processVariables(around: Surroundings, release: Release): Record<string, string> {
  const { application, environment, names, secretKey, services } = around;
  const injected: Record<string, string> = {
    STAGE: environment.slug,
    DOMAIN: names.main,
    DOMAIN_ALIASES: names.aliases.join(','),
    DOMAIN_REDIRECTS: names.redirects.join(','),
    GIT_BRANCH: release.row.branch,
    GIT_COMMIT: release.row.sha,
    SECRET_KEY: secretKey,
    SITE_NAME: application.name,
    DEBUG: environment.slug === 'test' ? 'True' : 'False',
    ...services,
  };
  const own = release.variables.map(({ name, value }) => [name, value]);
  return { ...injected, ...Object.fromEntries(own) };
}

/** Values of the user's that no log may show. */
export function secretValues(release: Release): string[] {
  return release.variables.filter(({ isSensitive }) => isSensitive).map(({ value }) => value);
}
