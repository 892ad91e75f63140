/** What every state is called, and how it looks: one of five tones, never colour alone (WCAG 1.4.1). */
export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'idle';

interface StateText {
  readonly label: string;
  readonly tone: Tone;
}

const state = (label: string, tone: Tone): StateText => ({ label, tone });

const STATES: Readonly<Record<string, StateText>> = {
  // builds, stages and jobs
  created: state('Waiting', 'idle'),
  queued: state('Queued', 'busy'),
  received: state('Starting', 'busy'),
  started: state('Running', 'busy'),
  unfinished: state('Running', 'busy'),
  passed: state('Passed', 'good'),
  failed: state('Failed', 'bad'),
  errored: state('Errored', 'bad'),
  canceled: state('Cancelled', 'idle'),
  refused: state('Not built', 'idle'),
  // deployments (spec/ordering.md 2.5)
  AWAITING_COMMIT: state('Awaiting the commit', 'busy'),
  AWAITING_BUILD: state('Awaiting its build', 'busy'),
  QUEUED: state('Queued', 'busy'),
  PROVISIONING: state('Preparing', 'busy'),
  SCALING: state('Starting', 'busy'),
  CHECKING: state('Checking', 'busy'),
  BUILDING: state('Building', 'busy'),
  RELEASING: state('Release commands', 'busy'),
  STARTING: state('Starting', 'busy'),
  DEPLOYING: state('Starting', 'busy'),
  FINALIZING: state('Switching', 'busy'),
  SUCCEEDED: state('Succeeded', 'good'),
  FAILED: state('Failed', 'bad'),
  CANCELLED: state('Cancelled', 'idle'),
  SUPERSEDED: state('Superseded', 'idle'),
  SKIPPED: state('Skipped', 'idle'),
  HELD: state('Held', 'warn'),
  // what became of a commit
  unknown: state('Not here', 'idle'),
  untested: state('Not tested', 'idle'),
  building: state('Building', 'busy'),
  build_failed: state('Build failed', 'bad'),
  not_signalled: state('Not asked for', 'idle'),
  awaiting_commit: state('Awaiting the commit', 'busy'),
  awaiting_build: state('Awaiting its build', 'busy'),
  deploying: state('Deploying', 'busy'),
  live: state('Live', 'good'),
  was_live: state('Was live', 'idle'),
  deploy_failed: state('Deployment failed', 'bad'),
  cancelled: state('Cancelled', 'idle'),
  superseded: state('Superseded', 'idle'),
  skipped: state('Skipped', 'idle'),
  held: state('Held', 'warn'),
  // environments and instances
  none: state('Nothing deployed', 'idle'),
  serving: state('Serving', 'good'),
  stopped: state('Stopped', 'warn'),
  failing: state('Failing', 'bad'),
  unclear: state('Not known', 'idle'),
  starting: state('Starting', 'busy'),
  retiring: state('Retiring', 'idle'),
  // pull requests
  open: state('Open', 'idle'),
  draft: state('Draft', 'idle'),
  merged: state('Merged', 'good'),
  closed: state('Closed', 'idle'),
  requested: state('Asked for', 'busy'),
  awaiting_approval: state('Awaiting approval', 'warn'),
  // system
  ok: state('OK', 'good'),
  degraded: state('Degraded', 'warn'),
};

/** An unknown state shows as it is called. */
export function stateText(name: string): StateText {
  return STATES[name] ?? { label: name.toLowerCase().replaceAll('_', ' '), tone: 'idle' };
}
