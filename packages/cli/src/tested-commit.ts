/** The variable in which each CI service names the commit it tests (spec/divio.md R12). */
const VARIABLES = [
  'TRAVIS_COMMIT',
  'GITHUB_SHA',
  'CI_COMMIT_SHA',
  'CIRCLE_SHA1',
  'GIT_COMMIT',
  'BUILDKITE_COMMIT',
  'BITBUCKET_COMMIT',
] as const;

/** The commit that the CI service around us has tested, and the variable that said so. */
export function testedCommit(
  environment: NodeJS.ProcessEnv,
): { commit: string; variable: string } | null {
  for (const variable of VARIABLES) {
    const commit = environment[variable]?.trim();
    if (commit) return { commit, variable };
  }
  return null;
}
