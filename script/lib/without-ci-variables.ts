/**
 * A test plays a person at a terminal, or a job whose variables it sets itself. What the CI service around the tests
 * has set (CI=true, the commit it tests) must not reach the programs they start: `sluice app deploy` answers a CI job
 * and a person differently (spec/divio.md R12).
 */
for (const name of Object.keys(process.env)) {
  if (
    /^(CI$|CI_|TRAVIS|GITHUB_|GITLAB_|CIRCLE|BUILDKITE|BITBUCKET_|GIT_COMMIT$|CHANGE_ID$)/.test(
      name,
    )
  ) {
    delete process.env[name];
  }
}
