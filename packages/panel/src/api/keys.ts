/**
 * Names of everything that is read. The first word is the kind of a `Change` or what gathers several, so that
 * `events.ts` knows what to read again.
 */
export const keys = {
  session: () => ['session'] as const,
  signInOptions: () => ['sign-in-options'] as const,
  overview: (...part: readonly (string | number)[]) => ['overview', ...part] as const,
  application: (uuid: string, ...part: readonly (string | number)[]) =>
    ['application', uuid, ...part] as const,
  environment: (uuid: string, ...part: readonly (string | number)[]) =>
    ['environment', uuid, ...part] as const,
  deployment: (uuid: string, ...part: readonly (string | number)[]) =>
    ['deployment', uuid, ...part] as const,
  build: (id: number, ...part: readonly (string | number)[]) =>
    ['build', String(id), ...part] as const,
  job: (id: number, ...part: readonly (string | number)[]) => ['job', String(id), ...part] as const,
  people: (...part: readonly (string | number)[]) => ['people', ...part] as const,
  account: (...part: readonly (string | number)[]) => ['account', ...part] as const,
  system: (...part: readonly (string | number)[]) => ['system', ...part] as const,
};
