/** Words of the CI service (docs/reference/glossary.md); the states are Travis's (spec/travis.md 4). */
export type Verdict = 'passed' | 'failed' | 'errored';
export type Outcome = Verdict | 'canceled';
export type JobState = 'created' | 'queued' | 'started' | Outcome;
export type StageState = 'created' | 'started' | Outcome;
export type BuildState = 'created' | 'started' | Outcome;
export type BuildEvent = 'push' | 'pull_request' | 'api' | 'cron';

const OUTCOMES: readonly string[] = ['passed', 'failed', 'errored', 'canceled'];

/** True for a state that nothing but a restart leaves. */
export function isFinal(state: string): state is Outcome {
  return OUTCOMES.includes(state);
}
