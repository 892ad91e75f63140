/** What each rule of the ordering means, in a sentence for people (spec/ordering.md; the names are its own). */
const RULES: Readonly<Record<string, string>> = {
  accepted: 'The request was accepted.',
  joined:
    'The same commit with the same settings was on its way already, so the request joined it.',
  same_as_live: 'This commit is live already and nothing has changed.',
  unknown_target: 'There is no such branch or tag.',
  awaiting_commit: 'The commit is not in the repository yet; it is waited for.',
  awaiting_commit_deadline: 'The commit did not arrive in time.',
  not_on_branch:
    'The commit is not on the branch that the environment follows, so it was left out.',
  removed_from_branch: 'A forced push took the commit off the branch.',
  awaiting_build: 'Its build has to pass first.',
  untested: 'Its build did not pass, or there is none.',
  red_head: 'The newest commit did not pass, so the newest one before it that did takes its place.',
  on_branch: 'A commit on the branch goes before one that is not.',
  descendant: 'The newer commit contains the older one, so the newer one goes live.',
  later_merge: 'Of two commits that were merged, the one that was merged later goes live.',
  acceptance_number: 'All else is equal, so the later request counts.',
  named_override: 'A person named this commit on purpose, which goes before the usual order.',
  wins_place: 'Nothing newer is live or on its way, so it is queued.',
  place_free: 'Nothing else is running, so it starts.',
  superseder_failed: 'The one that had taken its place failed, so it is back in the queue.',
  branch_rewritten:
    'The branch or its builds changed, so the one that had taken its place is no newer.',
  stands_behind: 'Another one came back instead; this one shares its outcome.',
  mirrored: 'The one that took its place has ended, and this one with it.',
  superseder_cancelled: 'The one that had taken its place was cancelled, and this one with it.',
  no_image: 'There is no image of this commit to adopt.',
  on_hold: 'The environment is on hold. The commit is remembered until somebody resumes.',
  rollback: 'Somebody rolled back to an earlier release, which puts the environment on hold.',
  cancelled: 'Somebody asked to cancel it.',
  step: 'The next step began.',
  switch_committed: 'From here on it cannot be cancelled: the traffic is being switched.',
  went_live: 'The traffic goes to it.',
  pipeline_failed: 'A step failed. What was live before goes on serving.',
  restarted_from_checkout: 'The server was restarted; the deployment began again.',
  resumed_at_step: 'The server was restarted; the deployment went on where it was.',
};

/** An unknown rule shows as it is called. */
export const ruleText = (rule: string): string => RULES[rule] ?? rule.replaceAll('_', ' ');
